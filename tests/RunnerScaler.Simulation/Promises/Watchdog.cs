using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.World;
using Pool = RunnerScaler.Scaling.Pools.Pool;
using Runner = RunnerScaler.Sandbox.GitHub.Runner;

namespace RunnerScaler.Simulation.Promises;

/// <summary>Looks at every step that could break a promise, and stops the run when one does.</summary>
internal sealed class Watchdog
{
    /// <summary>For so long after a limit was lowered, pods that were asked for before may still appear.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(90);

    private readonly Env env;
    private readonly SimCluster cluster;
    private readonly Organization github;
    private readonly PoolObjects pools;
    private readonly Dictionary<string, (int Max, TimeSpan Since)> lowered = [];
    private readonly Dictionary<string, List<Runner>> handedOut = [];
    private readonly Dictionary<string, long> jobOf = [];
    private readonly HashSet<string> secrets = [];
    private readonly HashSet<string> names = [];
    private readonly HashSet<string> forged = [];

    public Watchdog(Env env, SimCluster cluster, Organization github, PoolObjects pools)
    {
        (this.env, this.cluster, this.github, this.pools) = (env, cluster, github, pools);
        cluster.Changed += OnPod;
        pools.Changed += OnPool;
    }

    /// <summary>Says of a pod, by uid, whether its program runs.</summary>
    public Func<string, bool> IsAlive { get; set; } = _ => false;

    public int PodsMade { get; private set; }

    public int JitCalls { get; private set; }

    public int JobsRun => jobOf.Count;

    /// <summary>Names that were registered more than once, one after the other.</summary>
    public int NamesReused { get; private set; }

    /// <summary>Somebody has written on the pod of this uid what only the controller should.</summary>
    public void Forged(string uid) => forged.Add(uid);

    public void Created() => PodsMade++;

    public void JitCalled() => JitCalls++;

    /// <summary>A runner was registered for us.</summary>
    public void Registered(Runner runner, string secret)
    {
        secrets.Add(secret);
        if (!names.Add(runner.Name))
            NamesReused++;
        if (github.AllRunners().Count(r => r.Name.Equals(runner.Name, StringComparison.OrdinalIgnoreCase)) > 1)
            env.Break("unique names", $"two runners are named {runner.Name}");
    }

    /// <summary>The controller writes this text into the cluster.</summary>
    public void Written(string text)
    {
        if (secrets.Any(s => text.Contains(s[..40], StringComparison.Ordinal)))
            env.Break("no secret is stored", "a JIT config is written into the cluster");
    }

    /// <summary>
    /// An answer with an identity leaves the controller for a pod; whether it arrives is not known there.
    /// </summary>
    public void HandedOut(string uid, string runnerName)
    {
        var before = handedOut.TryGetValue(uid, out var known) ? known : handedOut[uid] = [];
        var live = github.AllRunners();
        if (before.FirstOrDefault(b => live.Any(r => r.Id == b.Id)) is { } other)
        {
            env.Break("one identity a pod",
                $"the pod {Slot.UidPart(uid)} is given {runnerName} while it may still use {other.Name}");
        }
        if (live.FirstOrDefault(r => r.Name == runnerName) is { } runner)
            before.Add(runner);
    }

    /// <summary>A runner begins a job.</summary>
    public void JobStarted(string uid, long job)
    {
        if (!jobOf.TryAdd(uid, job) && jobOf[uid] != job)
            env.Break("one job a pod", $"the pod {Slot.UidPart(uid)} runs the job {job} after {jobOf[uid]}");
    }

    /// <summary>The controller's deletion of a pod takes effect now.</summary>
    public void Deleting(StoredObject pod, string who)
    {
        if (IsAlive(pod.Uid) && github.AllRunners().FirstOrDefault(r => r.Busy && IsOf(r.Name, pod.Uid)) is { } busy)
            env.Break("no busy runner is deleted", $"{who} deletes {pod.Name}, whose runner {busy.Name} has a job");
    }

    /// <summary>Whether the runner of this name belongs to the pod of this uid.</summary>
    public static bool IsOf(string runnerName, string uid) =>
        runnerName.Contains(Slot.UidPart(uid), StringComparison.Ordinal);

    public int CountOf(string pool) => cluster.Pods.Count(p => PodObjects.PoolOf(p) == pool);

    private void OnPod(WatchEvent change)
    {
        if (PodObjects.PoolOf(change.Item) is not { } pool)
            return;
        if (pools.IsDeleting && change.Item.Value.IsDeleting()
            && github.AllRunners().FirstOrDefault(r => r.Busy && IsOf(r.Name, change.Item.Uid)) is { } busy)
            env.Break("no job ends with its pool", $"{change.Item.Name} goes with its pool, and {busy.Name} has a job");
        if (change.Kind == WatchEventKind.Modified)
            return;
        if (pools.Specs.Values.FirstOrDefault(p => p.Key.Name == pool)?.MaxRunners is not { } max)
            return;
        var count = CountOf(pool);
        if (lowered.TryGetValue(pool, out var before))
        {
            if (count <= max && env.Scheduler.Elapsed - before.Since > Settling)
                lowered.Remove(pool);
            max = Math.Max(max, before.Max);
        }
        if (count > max)
            env.Break("maxRunners", $"pool {pool} has {count} pods, but may have {max}");
    }

    private void OnPool(Pool? before, Pool after)
    {
        if (before is null || before.MaxRunners <= after.MaxRunners)
            return;
        var earlier = lowered.TryGetValue(after.Key.Name, out var known) ? known.Max : 0;
        lowered[after.Key.Name] = (Math.Max(earlier, before.MaxRunners), env.Scheduler.Elapsed);
    }
}
