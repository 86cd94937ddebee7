using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Tells what stands against an account, or a whole owner of repositories, and when that is over.</summary>
internal sealed class AccountNews(AccountKey key, RepositoryList watchlist, ReadingLog log, TimeProvider time)
{
    private const string WholeAccount = "";

    private ImmutableArray<(string Owner, Fault Fault)> standing = [];

    /// <summary>The account as a whole has no credential.</summary>
    public void Tell(Fault fault, Action<JobObservation> observe)
    {
        standing = [(WholeAccount, fault)];
        Tell(standing, observe);
    }

    /// <summary>
    /// Tells which repositories are watched, which ends all faults told before; those that stand are told again.
    /// </summary>
    public void TellWatched(IEnumerable<RepositoryKey> watched, Action<JobObservation> observe)
    {
        if (watchlist.HasAny)
            observe(new JobObservation.AccountRead(key, [.. watched], watchlist.ReadAt ?? time.GetUtcNow())
            {
                Public = [.. watchlist.Found.Where(f => f.IsPublic).Select(f => f.Key)],
            });
        foreach (var (missing, fault) in watchlist.Missing)
        {
            log.Fault(key, missing.ToString(), fault);
            observe(new JobObservation.RepositoryUnread(key, missing, fault, time.GetUtcNow()));
        }
        Tell(standing, observe);
    }

    /// <summary>
    /// Tells what stands against a whole owner or account; what a person has to mend comes last, and stays.
    /// </summary>
    /// <param name="byOwner">A limit is its owner's, not the whole account's.</param>
    /// <param name="watched">All repositories.</param>
    /// <param name="observe">Takes each observation.</param>
    public void TellFaults(
        bool byOwner, IReadOnlyCollection<PolledRepository> watched, Action<JobObservation> observe)
    {
        ImmutableArray<(string Owner, Fault Fault)> faults =
        [
            .. watched.Where(r => r.Paused is not null)
                .Select(r => (Owner: byOwner ? r.Key.Owner : WholeAccount, Fault: r.Paused!))
                .DistinctBy(l => l.Owner)
                .Concat(watchlist.OwnerFaults)
                .Concat(WhollyUnread(watched))
                .OrderByDescending(f => f.Fault.Passes),
        ];
        var over = standing.Where(s => faults.All(f => f.Owner != s.Owner)).ToArray();
        standing = faults;
        if (over.Length > 0)
            TellWatched(watched.Select(r => r.Key), observe);
        else
            Tell(faults, observe);
        foreach (var (owner, _) in over)
            log.Fault(key, Name(owner), null);
    }

    private void Tell(ImmutableArray<(string Owner, Fault Fault)> faults, Action<JobObservation> observe)
    {
        foreach (var (owner, fault) in faults)
        {
            log.Fault(key, Name(owner), fault);
            observe(new JobObservation.AccountUnread(
                key, fault, time.GetUtcNow(), owner == WholeAccount ? null : owner));
        }
    }

    /// <summary>Owners of whom no repository at all can be read.</summary>
    private IEnumerable<(string Owner, Fault Fault)> WhollyUnread(IEnumerable<PolledRepository> watched) => watched
        .Select(r => (r.Key.Owner, r.Fault))
        .Concat(watchlist.Missing.Select(m => (m.Key.Owner, Fault: (Fault?)m.Fault)))
        .GroupBy(r => r.Owner, StringComparer.Ordinal)
        .Where(g => g.All(r => r.Fault is not null))
        .Select(g => (g.Key, g.First().Fault!));

    private static string Name(string owner) => owner == WholeAccount ? "all" : owner;
}
