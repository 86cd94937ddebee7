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
        var byAccount = pools.ToLookup(p => p.Account);
        var byName = pools.ToLookup(p => p.Key.Name, StringComparer.Ordinal);
        foreach (var readings in board.Readings.GroupBy(FeedOf))
        {
            RepositoryReading[] each = [.. readings];
            var candidates = each.Select(r => r.Account).Distinct().SelectMany(a => byAccount[a]).ToArray();
            Share(shares, new(candidates, readings.Key.Repository, byName), each);
        }
        return new(shares.ToDictionary(s => s.Key, s => s.Value.Close()));
    }

    /// <summary>What several accounts poll is one queue; what scale sets are assigned is their pool's alone.</summary>
    private static (RepositoryKey Repository, AccountKey? Assigned) FeedOf(RepositoryReading reading) =>
        (reading.Repository, reading.Account.ScaleSetsOf is null ? null : reading.Account);

    private static void Share(Dictionary<PoolKey, Portion> shares, Candidates candidates, RepositoryReading[] readings)
    {
        foreach (var known in LatestJobs(readings))
        {
            var job = known.Job;
            if (job.State == JobState.Running)
            {
                if (candidates.OwnerOf(job) is { } owner)
                    shares[owner.Key].Running++;
            }
            else if (job.State == JobState.Queued)
            {
                var (serves, nearest) = candidates.For(job);
                if (serves is not null)
                    shares[serves.Key].Queued.Add(known);
                else if (nearest is not null)
                    shares[nearest.Key].Unmatched.Add(job);
            }
        }
    }

    /// <summary>Each job once, as the account that read its repository last has seen it.</summary>
    private static IEnumerable<KnownJob> LatestJobs(RepositoryReading[] readings) => readings
        .OrderByDescending(r => r.ReadAt)
        .SelectMany(r => r.Jobs.Select(job => new KnownJob(job, r.ReadAt ?? job.QueuedAt)))
        .DistinctBy(k => k.Job.Id);

    /// <summary>The pools that may serve a repository's jobs.</summary>
    /// <param name="pools">Those whose accounts read the repository.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="byName">All pools.</param>
    private sealed class Candidates(Pool[] pools, RepositoryKey repository, ILookup<string, Pool> byName)
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
