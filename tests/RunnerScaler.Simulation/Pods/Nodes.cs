using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Pods;

/// <summary>The nodes, and on them every pod's life. Nodes are lost, cut off, and made anew.</summary>
internal sealed class Nodes
{
    private const int Count = 3;

    private static readonly TimeSpan EvictionDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan GarbageDelay = TimeSpan.FromMinutes(2);

    private readonly Env env;
    private readonly SimCluster cluster;
    private readonly Organization github;
    private readonly ClaimLink endpoint;
    private readonly Watchdog watchdog;
    private readonly Dictionary<string, PodLife> lives = [];
    private readonly List<string> names = [];
    private int made;

    public Nodes(Env env, SimCluster cluster, Organization github, ClaimLink endpoint, Watchdog watchdog)
    {
        (this.env, this.cluster, this.github, this.endpoint, this.watchdog) =
            (env, cluster, github, endpoint, watchdog);
        cluster.Changed += OnPod;
        watchdog.IsAlive = uid => lives.GetValueOrDefault(uid)?.IsAlive == true;
        while (names.Count < Count)
            names.Add($"node-{made++}");
    }

    /// <summary>All pods whose program may still run, in the order of their creation.</summary>
    public IEnumerable<PodLife> Lives => lives.Values;

    /// <summary>How many pods of those that ended had no job.</summary>
    public int EndedWithoutJob { get; private set; }

    public string AnyNode() => names[env.Random.Next(names.Count)];

    /// <summary>
    /// A node goes dark. Its programs die with it, or, if it is only cut off from the cluster, run on; the cluster
    /// deletes its pods either way, and forgets them when the node is removed.
    /// </summary>
    public void Lose()
    {
        var at = env.Random.Next(names.Count);
        var lost = names[at];
        names[at] = $"node-{made++}";
        var cutOff = env.Random.Next(2) == 0;
        env.Faults.Met(FaultKind.NodeLost);
        env.Say("nodes", $"{lost} is {(cutOff ? "cut off" : "lost")}");
        foreach (var life in lives.Values.Where(l => l.Node == lost).ToArray())
        {
            life.LoseNode(cutOff);
            env.After(EvictionDelay, () => Delete(life, null));
            env.After(EvictionDelay + GarbageDelay, () => Delete(life, 0));
        }
    }

    /// <summary>One running pod is put out of its node: drained, preempted, or out of memory.</summary>
    public void EvictOne()
    {
        var running = lives.Values.Where(l => l.IsAlive).ToArray();
        if (running.Length == 0)
            return;
        var life = running[env.Random.Next(running.Length)];
        var how = env.Random.Next(3);
        env.Faults.Met(FaultKind.PodEvicted);
        env.Say("nodes", $"{life.Name} is {(how == 0 ? "killed for its memory" : how == 1 ? "evicted" : "drained")}");
        if (how == 0)
            life.Crash(new(137, "OOMKilled", null));
        else if (how == 1)
            life.Evict();
        else
            Delete(life, null);
    }

    private void OnPod(WatchEvent change)
    {
        var pod = change.Item;
        if (PodObjects.PoolOf(pod) is null)
            return;
        if (change.Kind == WatchEventKind.Added)
        {
            var life = lives[pod.Uid] = new PodLife(env, cluster, this, pod);
            env.World.Start($"pod {pod.Name}", async () =>
            {
                var end = await life.RunAsync(
                    new(env, github, endpoint, watchdog, new(pod.Namespace, pod.Name, pod.Uid)));
                if (end?.RanJob != true)
                    EndedWithoutJob++;
                lives.Remove(pod.Uid);
            });
        }
        else if (lives.GetValueOrDefault(pod.Uid) is { } known)
            known.Observe(pod, change.Kind == WatchEventKind.Deleted);
    }

    private void Delete(PodLife life, long? grace) => cluster.Delete(life.Name, life.Uid, grace);
}
