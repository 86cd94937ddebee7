using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>The jobs on the board, shared out over the pools: each job counts once.</summary>
internal sealed class Demand
{
    /// <summary>GitHub fails a job that has been queued for this long
    /// (<see href="https://docs.github.com/actions/reference/limits">limits</see>).</summary>
    public static readonly TimeSpan LongestQueue = TimeSpan.FromHours(24);

    private readonly PoolChoice choice;
    private readonly Dictionary<Source, RepositoryShare> shares;
    private readonly Dictionary<PoolKey, Lazy<PoolDemand>> byPool;

    private Demand(
        PoolChoice choice, Dictionary<Source, RepositoryShare> shares, Dictionary<PoolKey, Lazy<PoolDemand>> byPool)
    {
        this.choice = choice;
        this.shares = shares;
        this.byPool = byPool;
    }

    public PoolDemand Of(PoolKey pool) => byPool.GetValueOrDefault(pool)?.Value ?? PoolDemand.None;

    /// <param name="board">The jobs.</param>
    /// <param name="pools">Whom they are shared out to.</param>
    /// <param name="before">
    /// The demand of an earlier board: what has not changed since is taken over, and the result is the same as without.
    /// </param>
    public static Demand Share(JobBoard board, ImmutableArray<Pool> pools, Demand? before = null)
    {
        var known = before?.choice.IsOf(pools) == true ? before : new(new(pools), [], []);
        var shares = new Dictionary<Source, RepositoryShare>();
        var changed = new HashSet<PoolKey>();
        foreach (var group in board.Readings.GroupBy(SourceOf))
        {
            RepositoryReading[] readings = [.. group];
            var last = known.shares.GetValueOrDefault(group.Key);
            var next = last?.IsOf(readings) == true
                ? last
                : RepositoryShare.Of(readings, known.choice);
            shares.Add(group.Key, next);
            if (next == last)
                continue;
            changed.UnionWith(next.Pools);
            changed.UnionWith(last?.Pools ?? []);
        }
        changed.UnionWith(known.shares.Where(s => !shares.ContainsKey(s.Key)).SelectMany(s => s.Value.Pools));
        return new(known.choice, shares, pools.Select(p => p.Key).ToDictionary(p => p, p =>
            !changed.Contains(p) && known.byPool.GetValueOrDefault(p) is { } same
                ? same
                : new Lazy<PoolDemand>(() => RepositoryShare.Join(shares.Values, p))));
    }

    /// <summary>What several accounts poll is one queue; what scale sets are assigned is their pool's alone.</summary>
    private static Source SourceOf(RepositoryReading reading) =>
        new(reading.Repository, reading.Account.ScaleSetsOf is null ? null : reading.Account);

    /// <param name="Repository">Whose jobs.</param>
    /// <param name="Assigned">Whom its scale sets tell of them; null if they are polled.</param>
    private readonly record struct Source(RepositoryKey Repository, AccountKey? Assigned);
}

/// <summary>One pool's share of the queue.</summary>
/// <param name="Queued">Jobs that the pool is to serve, the oldest first.</param>
/// <param name="Unmatched">Jobs that no pool serves, but that this one comes nearest to, the oldest first.</param>
/// <param name="Running">How many jobs its runners have.</param>
internal sealed record PoolDemand(ImmutableArray<KnownJob> Queued, ImmutableArray<Job> Unmatched, int Running)
{
    public static readonly PoolDemand None = new([], [], 0);
}

/// <summary>A job, and when its repository was read: what happened since is not in it.</summary>
internal readonly record struct KnownJob(Job Job, DateTimeOffset ReadAt);
