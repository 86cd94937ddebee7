using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Tells what stands against an account, or a whole owner of repositories, and when that is over.</summary>
internal sealed class AccountNews(AccountKey key, RepositoryList watchlist, ReadingLog log, TimeProvider time)
{
    private const string WholeAccount = "";

    private ImmutableArray<(string Owner, Problem Problem)> standing = [];

    /// <summary>The account as a whole has no credential.</summary>
    public void Tell(Problem problem, Action<JobObservation> observe)
    {
        standing = [(WholeAccount, problem)];
        Tell(standing, observe);
    }

    /// <summary>
    /// Tells which repositories are watched, which ends all problems told before; those that stand are told again.
    /// </summary>
    public void TellWatched(IEnumerable<RepositoryKey> watched, Action<JobObservation> observe)
    {
        if (watchlist.HasAny)
            observe(new JobObservation.AccountRead(key, [.. watched], watchlist.ReadAt ?? time.GetUtcNow())
            {
                Public = [.. watchlist.Found.Where(f => f.IsPublic).Select(f => f.Key)],
            });
        foreach (var (missing, problem) in watchlist.Missing)
        {
            log.Problem(key, missing.ToString(), problem);
            observe(new JobObservation.RepositoryUnread(key, missing, problem, time.GetUtcNow()));
        }
        Tell(standing, observe);
    }

    /// <summary>
    /// Tells what stands against a whole owner or account; what an operator has to fix comes last, and stays.
    /// </summary>
    /// <param name="byOwner">A limit is its owner's, not the whole account's.</param>
    /// <param name="watched">All repositories.</param>
    /// <param name="observe">Takes each observation.</param>
    public void TellProblems(
        bool byOwner, IReadOnlyCollection<PolledRepository> watched, Action<JobObservation> observe)
    {
        ImmutableArray<(string Owner, Problem Problem)> problems =
        [
            .. watched.Where(r => r.Paused is not null)
                .Select(r => (Owner: byOwner ? r.Key.Owner : WholeAccount, Problem: r.Paused!))
                .DistinctBy(l => l.Owner)
                .Concat(watchlist.OwnerProblems)
                .Concat(WhollyUnread(watched))
                .OrderByDescending(f => f.Problem.Passes),
        ];
        var over = standing.Where(s => problems.All(f => f.Owner != s.Owner)).ToArray();
        standing = problems;
        if (over.Length > 0)
            TellWatched(watched.Select(r => r.Key), observe);
        else
            Tell(problems, observe);
        foreach (var (owner, _) in over)
            log.Problem(key, Name(owner), null);
    }

    private void Tell(ImmutableArray<(string Owner, Problem Problem)> problems, Action<JobObservation> observe)
    {
        foreach (var (owner, problem) in problems)
        {
            log.Problem(key, Name(owner), problem);
            observe(new JobObservation.AccountUnread(
                key, problem, time.GetUtcNow(), owner == WholeAccount ? null : owner));
        }
    }

    /// <summary>Owners of whom no repository at all can be read.</summary>
    private IEnumerable<(string Owner, Problem Problem)> WhollyUnread(IEnumerable<PolledRepository> watched) => watched
        .Select(r => (r.Key.Owner, r.Problem))
        .Concat(watchlist.Missing.Select(m => (m.Key.Owner, Problem: (Problem?)m.Problem)))
        .GroupBy(r => r.Owner, StringComparer.Ordinal)
        .Where(g => g.All(r => r.Problem is not null))
        .Select(g => (g.Key, g.First().Problem!));

    private static string Name(string owner) => owner == WholeAccount ? "all" : owner;
}
