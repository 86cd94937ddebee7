using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.World;
using Conditions = RunnerScaler.Scaling.Pools.Conditions;
using Pool = RunnerScaler.Scaling.Pools.Pool;

namespace RunnerScaler.Simulation.Promises;

/// <summary>
/// What must come true once the faults have stopped: every job that a pool can serve has run, nothing is left, and the
/// status says so.
/// </summary>
internal sealed class LivenessChecks(
    Env env, SimCluster cluster, Organization github, PoolObjects pools, Nodes nodes, Replicas replicas,
    Watchdog watchdog, Waits waits)
{
    private static readonly TimeSpan ServingTime = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CleaningTime = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan LongestDeletion = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Undisturbed = TimeSpan.FromMinutes(1);

    /// <summary>Runs until the faults stop; if there are none, no job may be ignored in that time either.</summary>
    public void Await(TimeSpan calm)
    {
        while (env.Scheduler.Failure is null && env.Scheduler.Elapsed < calm)
        {
            var next = env.Scheduler.Elapsed + Waits.Every;
            env.Scheduler.RunUntil(next < calm ? next : calm, () => false);
            waits.Observe();
            LookForDeadLoops();
        }
    }

    public void Run()
    {
        env.Weather = env.Weather.Calm();
        env.Say("world", "is calm");
        waits.BeginCalm();
        var limit = waits.Unfinished()
            .Aggregate(ServingTime, (sum, job) => sum + job.Duration + TimeSpan.FromSeconds(90));
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
            env.Scheduler.RunUntil(env.Scheduler.Elapsed + Waits.Every, () => false);
            if ((last = complaint()) is null)
                return;
            waits.Observe();
            LookForDeadLoops();
        }
        if (env.Scheduler.Failure is null)
            env.Break(promise, last ?? "");
    }

    private string? JobsLeft()
    {
        foreach (var job in waits.Unfinished())
            if (pools.Specs.Values.Any(p => LabelMatch.Serves(p, waits.Shown(job))))
                return $"{Waits.Describe(job)}: {waits.Reasons()}";
        return null;
    }

    private string? Leftovers() =>
        replicas.Leader is null
            ? "nobody leads"
            : pools.Specs.Values.Select(PodsOf).FirstOrDefault(c => c is not null)
                ?? PodsOfNobody()
                ?? Registrations()
                ?? Held()
                ?? pools.Specs.Values.Select(StatusOf).FirstOrDefault(c => c is not null)
                ?? Memory();

    private string? PodsOf(Pool pool)
    {
        var lives = nodes.Lives
            .Where(l => cluster.FindPod(l.Name, l.Uid) is { } pod && PodObjects.PoolOf(pod) == pool.Key.Name)
            .ToArray();
        var (standby, idle, left) = Warm(pool);
        var has = (watchdog.CountOf(pool.Key.Name), lives.Count(l => l.Claims), lives.Count(l => l.IsConnected));
        return has == (standby + idle + left, standby, idle + left)
            ? null
            : $"pool {pool.Key.Name} should keep {standby} standby and {idle} idle of {pool.MaxRunners}, "
                + $"beside {left} of an earlier pool, but has (pods, claiming, connected) {has}";
    }

    /// <summary>Idle runners are wanted before standby ones, in the slots that are left.</summary>
    private (int Standby, int Idle, int Left) Warm(Pool pool)
    {
        var left = cluster.Pods.Count(p => PodObjects.PoolOf(p) == pool.Key.Name && IsNobodys(p));
        var free = Math.Max(0, pool.MaxRunners - left);
        var idle = pool.IdleTarget is null ? 0 : Math.Min(pool.Warm.Idle, free);
        return (Math.Min(pool.Warm.Standby, free - idle), idle, left);
    }

    /// <summary>
    /// A runner of a pool that went before who leads now began to: nobody knows where to ask about it, so it keeps its
    /// slot until its job, or GitHub, ends it. See docs/decisions/0016.
    /// </summary>
    private bool IsNobodys(StoredObject pod) =>
        PodObjects.Facts(pod, anyName: true) is { ClaimAnnotation: not null } facts
        && pools.Departures.TryGetValue(facts.PoolUid, out var at) && !IsRemembered(at);

    private string? Memory() => replicas.Leader!.NotesKept - cluster.Pods.Count is > 0 and var more
        ? $"{more} runners are remembered by {replicas.Leader.Process.Name} that are gone"
        : null;

    private string? Registrations()
    {
        foreach (var runner in github.AllRunners())
        {
            var isOurs = pools.Specs.Keys.Concat(pools.Gone.Keys.Where(k => IsRemembered(pools.Gone[k].At)))
                .Any(p => Slot.IsRunnerOf(p.Name, runner.Name, out _, out _));
            if (isOurs && !nodes.Lives.Any(l => l.IsAlive && Watchdog.IsOf(runner.Name, l.Uid)))
                return $"the registration {runner.Name} has no pod (online {runner.Online}, busy {runner.Busy})";
        }
        return null;
    }

    private string? PodsOfNobody() =>
        cluster.Pods.FirstOrDefault(p => PodObjects.PoolOf(p) is { } name
            && pools.Gone.Keys.FirstOrDefault(k => k.Name == name) is { Name: not null } pool
            && IsRemembered(pools.Gone[pool].At))
            is { } left
            ? $"the pod {left.Name} is left, and its pool is gone"
            : null;

    /// <summary>What a pool was is known only to who led when it went: an annotation is nobody's authority.</summary>
    private bool IsRemembered(TimeSpan goneAt) => replicas.LeadsSince + TimeSpan.FromSeconds(30) < goneAt;

    private string? Held() => cluster.Store.Types
        .SelectMany(t => cluster.Store.List(t).Items)
        .FirstOrDefault(o => o.Value.Time("metadata", "deletionTimestamp") < env.Now - LongestDeletion) is { } held
        ? $"{held} is being deleted since {held.Value.Text("metadata", "deletionTimestamp")}"
        : null;

    /// <summary>Whatever hangs outside: what counts as stuck is this process alone.</summary>
    private void LookForDeadLoops()
    {
        foreach (var replica in replicas.All)
            if (replica.IsUndisturbed(Undisturbed) && replica.OverdueLoops is { Count: > 0 } dead)
                env.Break("no loop is overdue", $"{replica.Process.Name}: {string.Join(", ", dead)}");
    }

    private string? StatusOf(Pool pool)
    {
        if (!pools.Status.TryGetValue(pool.Key, out var status))
            return $"pool {pool.Key.Name} has no status";
        var (standby, idle, left) = Warm(pool);
        var wanted = new RunnerCounts(0, standby, idle, 0, left);
        if (status.Runners != wanted)
            return $"the status of {pool.Key.Name} says {status.Runners} instead of {wanted}";
        if (status.Jobs is not { Queued: 0, Running: 0 }
            || status.Unserved.Keys.Any(r => r != WaitReason.NoPoolMatches))
            return $"the status of {pool.Key.Name} says {status.Jobs}, {string.Join(' ', status.Unserved)}";
        return status.Conditions.FirstOrDefault(c => !IsWell(c)) is { } bad
            ? $"all is well, but pool {pool.Key.Name} says {bad}"
            : null;
    }

    /// <summary>A slot may rest longer than this is waited for, and some jobs are for nobody.</summary>
    private static bool IsWell(PoolCondition condition) => condition.Type switch
    {
        Conditions.SlotsResting or Conditions.JobsUnmatched => true,
        Conditions.Ready or Conditions.QueueRead => condition.Holds == true,
        _ => condition.Holds == false,
    };

    /// <summary>A pod asks GitHub for one identity; only a mishap makes it ask for another.</summary>
    private string? Excess() => watchdog.JitCalls <= watchdog.PodsMade + env.Wire.Faults
        ? null
        : $"{watchdog.JitCalls} JIT configs were asked for, for {watchdog.PodsMade} pods and {env.Wire.Faults} mishaps";
}
