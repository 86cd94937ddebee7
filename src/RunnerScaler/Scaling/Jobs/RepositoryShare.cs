using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>The jobs of one repository, shared out over the pools. Never changed once it is made.</summary>
internal sealed class RepositoryShare
{
    private readonly RepositoryReading[] readings;
    private readonly Dictionary<PoolKey, Portion> portions = [];

    private RepositoryShare(RepositoryReading[] readings) => this.readings = readings;

    /// <summary>The pools that have a part of it.</summary>
    public IEnumerable<PoolKey> Pools => portions.Keys;

    /// <summary>Whether it was made of these readings, and no others.</summary>
    public bool IsOf(RepositoryReading[] others) => readings.SequenceEqual(others, ReferenceEqualityComparer.Instance);

    /// <param name="readings">What is known of the repository: at least one.</param>
    /// <param name="pools">Whom its jobs are shared out to.</param>
    public static RepositoryShare Of(RepositoryReading[] readings, PoolChoice pools)
    {
        var share = new RepositoryShare(readings);
        var candidates = pools.For(readings);
        foreach (var known in LatestJobs(readings))
        {
            var job = known.Job;
            if (job.State == JobState.Running)
            {
                if (candidates.OwnerOf(job) is { } owner)
                    share.PortionOf(owner).Running++;
            }
            else if (job.State == JobState.Queued)
            {
                var (serves, nearest) = candidates.For(job);
                if (serves is not null)
                    share.PortionOf(serves).Queued.Add(known);
                else if (nearest is not null)
                    share.PortionOf(nearest).Unmatched.Add(job);
            }
        }
        return share;
    }

    /// <summary>What a pool has of all repositories together.</summary>
    public static PoolDemand Join(IEnumerable<RepositoryShare> shares, PoolKey pool)
    {
        var (queued, unmatched, running) = (new List<KnownJob>(), new List<Job>(), 0);
        foreach (var share in shares)
            if (share.portions.TryGetValue(pool, out var portion))
            {
                queued.AddRange(portion.Queued);
                unmatched.AddRange(portion.Unmatched);
                running += portion.Running;
            }
        return new(
            [.. queued.OrderBy(k => k.Job.QueuedAt).ThenBy(k => k.Job.Id)],
            [.. unmatched.OrderBy(j => j.QueuedAt).ThenBy(j => j.Id)],
            running);
    }

    /// <summary>Each job once, as the account that read its repository last has seen it.</summary>
    private static IEnumerable<KnownJob> LatestJobs(RepositoryReading[] readings) => readings
        .OrderByDescending(r => r.ReadAt)
        .SelectMany(r => r.Jobs.Select(job => new KnownJob(job, r.ReadAt ?? job.QueuedAt)))
        .DistinctBy(k => k.Job.Id);

    private Portion PortionOf(Pool pool)
    {
        if (!portions.TryGetValue(pool.Key, out var portion))
            portions.Add(pool.Key, portion = new());
        return portion;
    }

    private sealed class Portion
    {
        public List<KnownJob> Queued { get; } = [];

        public List<Job> Unmatched { get; } = [];

        public int Running { get; set; }
    }
}
