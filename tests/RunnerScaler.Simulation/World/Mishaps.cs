using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.Workload;

namespace RunnerScaler.Simulation.World;

/// <summary>What happens to processes and nodes until all is calm.</summary>
internal sealed class Mishaps(Env env, Scenario scenario, SimCluster cluster, Replicas replicas, Nodes nodes)
{
    public void Start()
    {
        Every(w => w.BetweenCrashes, Disturb);
        Every(w => w.BetweenPauses, () => replicas.PauseOne(env.Between(0.5, 40)));
        Every(w => w.BetweenNodeLosses, nodes.Lose);
        Every(w => w.BetweenEvictions, nodes.EvictOne);
        Every(w => w.BetweenCompactions, cluster.Compact);
    }

    private void Disturb()
    {
        if (env.Random.Next(3) == 0)
            replicas.ReplaceOne();
        else
            replicas.CrashOne();
    }

    private void Every(Func<Weather, TimeSpan?> between, Action mishap)
    {
        if (between(env.Weather) is { } mean)
            Next(mean, mishap);
    }

    private void Next(TimeSpan mean, Action mishap) => env.After(mean * (2 * env.Random.NextDouble()), () =>
    {
        if (env.Scheduler.Elapsed >= scenario.CalmFrom)
            return;
        mishap();
        Next(mean, mishap);
    });
}
