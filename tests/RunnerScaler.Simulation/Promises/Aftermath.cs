using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.GitHub;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.Workload;
using RunnerScaler.Simulation.World;
using Job = RunnerScaler.Sandbox.GitHub.Job;
using Pool = RunnerScaler.Scaling.Pool;

namespace RunnerScaler.Simulation.Promises;

/// <summary>
/// What must come true once the faults have stopped: every job that a pool can serve has run, nothing is left, and the
/// status says so.
/// </summary>
internal sealed class Aftermath(
    Env env, Scenario scenario, SimCluster cluster, Organization github, PoolObjects pools, Nodes nodes,
    Replicas replicas, Watchdog watchdog)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ServingTime = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CleaningTime = TimeSpan.FromMinutes(25);

    private readonly Dictionary<long, TimeSpan> ignored = [];

    /// <summary>
    /// After faults, pauses that they brought about are still to be sat out: a pod that they kept from starting is
    /// given up at its deadline, and only then begins the pause for it.
    /// </summary>
    private TimeSpan LongestIgnored => scenario.Fine
        ? TimeSpan.FromSeconds(75)
        : pools.Specs.Values.Max(p => p.Deadlines.Start) + CreateBackoff.Longest + Look;

    /// <summary>Runs until the faults stop; if there are none, no job may be ignored in that time either.</summary>
    public void Await(TimeSpan calm)
    {
        while (env.Scheduler.Failure is null && env.Scheduler.Elapsed < calm)
        {
            var next = env.Scheduler.Elapsed + Look;
            env.Scheduler.RunUntil(next < calm ? next : calm, () => false);
            if (scenario.Fine)
                LookForIdleSlots();
        }
    }

    public void Run()
    {
        env.Weather = env.Weather.Calm();
        env.Say("world", "is calm");
        var limit = Unfinished().Aggregate(ServingTime, (sum, job) => sum + job.Duration + TimeSpan.FromSeconds(90));
        Until("every job is served", limit, JobsLeft);
        Until("nothing is left", CleaningTime, Leftovers);
        if (env.Scheduler.Failure is null && Excess() is { } excess)
            env.Break("bounded calls", excess);
    }

    /// <summary>Runs until there is no complaint any more.</summary>
    private void Until(string promise, TimeSpan limit, Func<string?> complaint)
    {
        var end = env.Scheduler.Elapsed + limit;
        string? last = null;
        while (env.Scheduler.Failure is null && env.Scheduler.Elapsed < end)
        {
            env.Scheduler.RunUntil(env.Scheduler.Elapsed + Look, () => false);
            if ((last = complaint()) is null)
                return;
            LookForIdleSlots();
        }
        if (env.Scheduler.Failure is null)
            env.Break(promise, last ?? "");
    }

    /// <summary>A job must not wait for long beside a free slot of the pool that is to serve it.</summary>
    private void LookForIdleSlots()
    {
        foreach (var job in Unfinished())
        {
            var pool = LabelMatch.Choose(pools.Specs.Values, Shown(job));
            var isIgnored = job.Status == JobStatus.Queued && pool is not null
                && watchdog.CountOf(pool.Key.Name) < pool.MaxRunners && pool.MaxRunnersPerRepository is null;
            ignored[job.Id] = isIgnored ? ignored.GetValueOrDefault(job.Id) + Look : TimeSpan.Zero;
            if (ignored[job.Id] > LongestIgnored)
                env.Break("no job is ignored", $"{Describe(job)} waited beside a free slot: {Reasons()}");
        }
    }

    private IEnumerable<Job> Unfinished() => scenario.Repositories
        .SelectMany(r => github.RunsOf(r, run => run.Status != JobStatus.Completed))
        .SelectMany(r => github.JobsOf(r.Id))
        .Where(j => j.Status != JobStatus.Completed && !j.Hosted);

    private string? JobsLeft()
    {
        foreach (var job in Unfinished())
            if (pools.Specs.Values.Any(p => LabelMatch.Serves(p, Shown(job))))
                return $"{Describe(job)}: {Reasons()}";
        return null;
    }

    private static string Describe(Job job) =>
        $"job {job.Id} ({job.Name}, {string.Join(' ', job.Labels)}), {job.Status}, queued at {job.QueuedAt:HH:mm:ss},";

    private Scaling.Job Shown(Job job)
    {
        var repository = scenario.Repositories.Select(github.FindRepository).First(r => r!.Id == job.RepositoryId)!;
        return SimJobSource.Shown(job, RepositoryKey.Of(Scenario.Server, repository.Owner.Login, repository.Name));
    }

    private string Reasons() => string.Join("; ", pools.Now.Select(p => pools.Status.TryGetValue(p.Key, out var status)
        ? $"{p.Key.Name} says {status.Runners}, {string.Join(' ', status.Unserved)}"
        : $"{p.Key.Name} says nothing"));

    private string? Leftovers() =>
        replicas.Leader is null
            ? "nobody leads"
            : pools.Specs.Values.Select(PodsOf).FirstOrDefault(c => c is not null)
                ?? Registrations()
                ?? pools.Specs.Values.Select(StatusOf).FirstOrDefault(c => c is not null)
                ?? Memory()
                ?? (replicas.Leader.OverdueLoops is { Count: > 0 } dead
                    ? $"loops are dead: {string.Join(", ", dead)}"
                    : null);

    private string? PodsOf(Pool pool)
    {
        var lives = nodes.Lives
            .Where(l => cluster.FindPod(l.Name, l.Uid) is { } pod && PodObjects.PoolOf(pod) == pool.Key.Name)
            .ToArray();
        var (standby, idle) = Warm(pool);
        var has = (watchdog.CountOf(pool.Key.Name), lives.Count(l => l.Claims), lives.Count(l => l.IsConnected));
        return has == (standby + idle, standby, idle)
            ? null
            : $"pool {pool.Key.Name} should keep {standby} standby and {idle} idle of {pool.MaxRunners}, "
                + $"but has (pods, claiming, connected) {has}";
    }

    /// <summary>Idle runners are wanted before standby ones.</summary>
    private static (int Standby, int Idle) Warm(Pool pool)
    {
        var idle = pool.IdleTarget is null ? 0 : Math.Min(pool.Warm.Idle, pool.MaxRunners);
        return (Math.Min(pool.Warm.Standby, pool.MaxRunners - idle), idle);
    }

    private string? Memory() => replicas.Leader!.NotesKept - cluster.Pods.Count is > 0 and var more
        ? $"{more} runners are remembered by {replicas.Leader.Process.Name} that are gone"
        : null;

    private string? Registrations()
    {
        foreach (var runner in github.AllRunners())
        {
            var isOurs = pools.Now.Any(p => Slot.IsRunnerOf(p.Key.Name, runner.Name, out _, out _));
            if (isOurs && !nodes.Lives.Any(l => l.IsAlive && Watchdog.IsOf(runner.Name, l.Uid)))
                return $"the registration {runner.Name} has no pod (online {runner.Online}, busy {runner.Busy})";
        }
        return null;
    }

    private string? StatusOf(Pool pool)
    {
        if (!pools.Status.TryGetValue(pool.Key, out var status))
            return $"pool {pool.Key.Name} has no status";
        var (standby, idle) = Warm(pool);
        var wanted = new RunnerCounts(0, standby, idle, 0, 0);
        if (status.Runners != wanted)
            return $"the status of {pool.Key.Name} says {status.Runners} instead of {wanted}";
        return status.Jobs is { Queued: 0, Running: 0 } && status.Unserved.Keys.All(r => r == Reason.NoPoolMatches)
            ? null
            : $"the status of {pool.Key.Name} says {status.Jobs}, {string.Join(' ', status.Unserved)}";
    }

    /// <summary>A pod asks GitHub for one identity; only a mishap makes it ask for another.</summary>
    private string? Excess() => watchdog.JitCalls <= watchdog.PodsMade + env.Wire.Faults
        ? null
        : $"{watchdog.JitCalls} JIT configs were asked for, for {watchdog.PodsMade} pods and {env.Wire.Faults} mishaps";
}
