using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>The pools that jobs are shared out to.</summary>
internal sealed class PoolChoice(ImmutableArray<Pool> pools)
{
    private readonly ILookup<AccountKey, Pool> byAccount = pools.ToLookup(p => p.Account);
    private readonly ILookup<string, Pool> byName = pools.ToLookup(p => p.Key.Name, StringComparer.Ordinal);

    /// <summary>Whether these are the pools, unchanged and in this order.</summary>
    public bool IsOf(ImmutableArray<Pool> others) =>
        pools.AsSpan().SequenceEqual(others.AsSpan(), ReferenceEqualityComparer.Instance);

    /// <summary>The pools that may serve the jobs of the repository that was read.</summary>
    /// <param name="readings">What is known of one repository: at least one.</param>
    public RepositoryChoice For(RepositoryReading[] readings)
    {
        var reading = readings.Select(r => r.Account).Distinct().SelectMany(a => byAccount[a]).ToArray();
        return new(reading, readings[0].Repository, byName);
    }
}

/// <summary>The pools that may serve a repository's jobs.</summary>
/// <param name="pools">Those whose accounts read the repository.</param>
/// <param name="repository">The repository.</param>
/// <param name="byName">All pools.</param>
internal sealed class RepositoryChoice(Pool[] pools, RepositoryKey repository, ILookup<string, Pool> byName)
{
    private readonly Pool[] serving = Array.FindAll(pools, p => p.ScopeFor(repository) is not null);
    private readonly Dictionary<(LabelSet, bool), (Pool? Serves, Pool? Nearest)> chosen = [];

    /// <summary>The pool that serves the job, or else the one that comes nearest.</summary>
    public (Pool? Serves, Pool? Nearest) For(Job job)
    {
        // In one repository, jobs that ask for the same are alike.
        var kind = (job.Labels, job.FromFork);
        if (chosen.TryGetValue(kind, out var known))
            return known;
        var serves = LabelMatch.Choose(serving, job);
        return chosen[kind] = (serves, serves is null ? LabelMatch.Nearest(serving, job) : null);
    }

    /// <summary>The pool whose runner has the job. A runner's name begins with its pool's.</summary>
    public Pool? OwnerOf(Job job)
    {
        if (job.RunnerName is not { } runner)
            return null;
        foreach (var name in Slot.PoolNamesIn(runner))
            foreach (var pool in byName[name])
                if (Array.Exists(pools, p => ReferenceEquals(p, pool))
                    && Slot.IsRunnerOf(name, runner, out _, out _))
                    return pool;
        return null;
    }
}
