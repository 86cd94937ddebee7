using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>What a pool's scale sets tell, as observations for the board.</summary>
internal static class ScaleSetReadings
{
    /// <param name="account">The pool's account.</param>
    /// <param name="sets">All sets of the pool.</param>
    /// <param name="heard">The one that something was heard of, or whose state has changed.</param>
    /// <param name="now">The present.</param>
    public static IEnumerable<JobObservation> Of(
        AccountKey account, IReadOnlyCollection<SetState> sets, SetState heard, DateTimeOffset now)
    {
        if (sets.All(s => s.Jobs is null))
        {
            if (heard.Problem is { } first)
                yield return new JobObservation.AccountUnread(account, first, now, heard.Scope.Owner);
            yield break;
        }
        yield return new JobObservation.AccountRead(account, [.. sets.SelectMany(Repositories).Distinct()], now)
        {
            Unread = sets.Where(s => s is { Problem: not null, Scope.HasGroups: true })
                .DistinctBy(s => s.Scope.Owner)
                .ToImmutableDictionary(s => s.Scope.Owner, s => s.Problem!),
        };
        var unread = heard.Scope.HasGroups ? null : heard.Problem;
        if (heard.Jobs is not null && (heard.Problem is null || heard.IsStalled))
            foreach (var (repository, read) in heard.Jobs!.ByRepository())
                yield return new JobObservation.RepositoryRead(account, repository, read, now) { Unread = unread };
        else if (unread is not null)
            yield return new JobObservation.RepositoryUnread(account, AssignedJobs.HomeOf(heard.Scope), unread, now);
    }

    private static IEnumerable<RepositoryKey> Repositories(SetState set) =>
        set.Jobs?.ByRepository().Keys ?? [AssignedJobs.HomeOf(set.Scope)];
}

/// <summary>What is known of one scale set.</summary>
/// <param name="Scope">What it serves.</param>
/// <param name="Jobs">Its jobs; null before its first session.</param>
/// <param name="Problem">Why nothing is heard of it; null if something is.</param>
/// <param name="IsStalled">Whether it is listened to all the same.</param>
internal sealed record SetState(Scope Scope, AssignedJobs? Jobs, Problem? Problem, bool IsStalled = false);
