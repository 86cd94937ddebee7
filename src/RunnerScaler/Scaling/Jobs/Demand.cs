using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>The jobs on the board, shared out over the pools: each job counts once.</summary>
internal sealed class Demand
{
    /// <summary>GitHub fails a job that has been queued for this long
    /// (<see href="https://docs.github.com/actions/reference/limits">limits</see>).</summary>
    public static readonly TimeSpan LongestQueue = TimeSpan.FromHours(24);

    private readonly Dictionary<PoolKey, PoolDemand> byPool;

    private Demand(Dictionary<PoolKey, PoolDemand> byPool) => this.byPool = byPool;

    public PoolDemand Of(PoolKey pool) => byPool.GetValueOrDefault(pool) ?? PoolDemand.None;

    public static Demand Share(JobBoard board, ImmutableArray<Pool> pools)
    {
        var shares = pools.ToDictionary(p => p.Key, _ => new Portion());
        foreach (var readings in board.Readings.GroupBy(r => r.Repository))
        {
            var candidates = pools.Where(p => readings.Any(r => r.Account == p.Account)).ToArray();
            foreach (var known in LatestJobs(readings))
                if (known.Job.State is JobState.Queued or JobState.Running)
                    Add(shares, candidates, known);
        }
        return new(shares.ToDictionary(s => s.Key, s => s.Value.Close()));
    }

    /// <summary>Each job once, as the account that read its repository last has seen it.</summary>
    private static IEnumerable<KnownJob> LatestJobs(IEnumerable<RepositoryReading> readings) => readings
        .OrderByDescending(r => r.ReadAt)
        .SelectMany(r => r.Jobs.Select(job => new KnownJob(job, r.ReadAt ?? job.QueuedAt)))
        .DistinctBy(k => k.Job.Id);

    private static void Add(Dictionary<PoolKey, Portion> shares, Pool[] candidates, KnownJob known)
    {
        var job = known.Job;
        if (job.State == JobState.Running)
        {
            var owner = candidates.FirstOrDefault(
                p => job.RunnerName is { } runner && Slot.IsRunnerOf(p.Key.Name, runner, out _, out _));
            if (owner is not null)
                shares[owner.Key].Running++;
        }
        else if (LabelMatch.Choose(candidates, job) is { } pool)
            shares[pool.Key].Queued.Add(known);
        else if (LabelMatch.Nearest(candidates, job) is { } nearest)
            shares[nearest.Key].Unmatched.Add(job);
    }

    private sealed class Portion
    {
        public List<KnownJob> Queued { get; } = [];

        public List<Job> Unmatched { get; } = [];

        public int Running { get; set; }

        public PoolDemand Close() =>
            new([.. Queued.OrderBy(k => k.Job.QueuedAt).ThenBy(k => k.Job.Id)], [.. Unmatched], Running);
    }
}

/// <summary>One pool's share of the queue.</summary>
/// <param name="Queued">Jobs that the pool is to serve, the oldest first.</param>
/// <param name="Unmatched">Jobs that no pool serves, but that this one comes nearest to.</param>
/// <param name="Running">How many jobs its runners have.</param>
internal sealed record PoolDemand(ImmutableArray<KnownJob> Queued, ImmutableArray<Job> Unmatched, int Running)
{
    public static readonly PoolDemand None = new([], [], 0);
}

/// <summary>A job, and when its repository was read: what happened since is not in it.</summary>
internal readonly record struct KnownJob(Job Job, DateTimeOffset ReadAt);
