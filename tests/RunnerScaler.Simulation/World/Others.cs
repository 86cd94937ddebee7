using RunnerScaler.Kubernetes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.Workload;

namespace RunnerScaler.Simulation.World;

/// <summary>What others who may write in the cluster do to our objects.</summary>
internal sealed class Others(Env env, Scenario scenario, SimCluster cluster, PoolObjects pools, Watchdog watchdog)
{
    private static readonly string[] Nonsense =
    [
        "", "none of your business", "{\"runner\":", "[[[[[[[[[[[[[[[[[[[[", new string('x', 4000),
        "{\"runner\":\"victim\",\"attempt\":1,\"owner\":\"acme\",\"at\":\"2199-01-01T00:00:00Z\"}",
        "{\"runner\":\"\\ud800\",\"attempt\":1e99,\"owner\":\"acme\"}",
        "{\"owner\":\"acme\",\"server\":\"http://127.0.0.1:9399\",\"namespace\":\"team-b\",\"secret\":\"github-app\"}",
    ];

    /// <summary>A pool is deleted, with what it owns or without, or its whole namespace; most are made again.</summary>
    public void DeletePool()
    {
        if (pools.Specs.Count == 0)
            return;
        if (env.Random.Next(5) == 0)
        {
            DeleteNamespace();
            return;
        }
        var pool = pools.Specs.Values.ElementAt(env.Random.Next(pools.Specs.Count));
        var (kind, how, way) = env.Random.Next(3) switch
        {
            0 => (FaultKind.PoolOrphaned, ", its pods are not", new DeleteOptions(Orphan: true)),
            1 => (FaultKind.PoolDeletedLast, " after its pods", new DeleteOptions(Foreground: true)),
            _ => (FaultKind.PoolDeleted, "", DeleteOptions.Default),
        };
        env.Faults.Met(kind);
        env.Say("people", $"pool {pool.Key.Name} is deleted{how}");
        pools.Delete(pool.Key, way);
        if (env.Random.Next(4) > 0)
            MakeAgain(env.Between(0.1, env.Random.Next(2) == 0 ? 3 : 240), pool);
    }

    /// <summary>Somebody writes on a pod what only the controller should, and later deletes the pod.</summary>
    public void Forge()
    {
        var ours = cluster.Pods.Where(p => PodObjects.PoolOf(p) is not null && !p.Value.IsDeleting()).ToArray();
        if (ours.Length == 0)
            return;
        var pod = ours[env.Random.Next(ours.Length)];
        var others = ours[env.Random.Next(ours.Length)].Value.Text("metadata", "annotations", PodLabels.Claim);
        var text = env.Random.Next(4) == 0 ? others ?? "" : Nonsense[env.Random.Next(Nonsense.Length)];
        env.Faults.Met(FaultKind.MarkForged);
        env.Say("people", $"write on {pod.Name}: {text[..Math.Min(60, text.Length)]}");
        watchdog.Forged(pod.Uid);
        cluster.Write(s => s.Modify(KnownTypes.Pods, PodObjects.Namespace, pod.Name, now =>
        {
            now["metadata"]!["annotations"]![PodLabels.Claim] = text;
            return now;
        }));
        env.After(Before(env.Between(30, 300)), () => cluster.Delete(pod.Name, pod.Uid));
    }

    private void DeleteNamespace()
    {
        env.Faults.Met(FaultKind.NamespaceDeleted);
        env.Say("people", "the namespace is deleted");
        var all = pools.Specs.Values.ToArray();
        var gone = Before(env.Between(PodObjects.GraceSeconds + 5, 120));
        var now = env.Scheduler.Elapsed;
        env.Api.Add(new(
            FaultKind.NamespaceDeleted, RefusalReason.Denied, "create", "pods", now, now + gone, null)
        {
            Words = "pods is forbidden: unable to create new content in namespace default because it is being "
                + "terminated",
        });
        foreach (var pod in cluster.Pods)
            cluster.Delete(pod.Name, pod.Uid);
        foreach (var pool in all)
        {
            pools.Delete(pool.Key, DeleteOptions.Default);
            MakeAgain(gone, pool);
        }
    }

    private void MakeAgain(TimeSpan after, Pool pool) => env.After(Before(after), () => Make(pool));

    /// <summary>As long as the old one is there, the name is taken.</summary>
    private void Make(Pool pool)
    {
        if (pools.IsGoing(pool.Key))
        {
            env.After(TimeSpan.FromSeconds(1), () => Make(pool));
            return;
        }
        env.Say("people", $"pool {pool.Key.Name} is made again");
        pools.Put(pool);
    }

    /// <summary>After so long, or when all is calm.</summary>
    private TimeSpan Before(TimeSpan length)
    {
        var left = scenario.CalmFrom - env.Scheduler.Elapsed;
        return length < left ? length : left;
    }
}
