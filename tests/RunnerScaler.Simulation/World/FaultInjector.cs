using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.Workload;

namespace RunnerScaler.Simulation.World;

/// <summary>What happens until all is calm.</summary>
internal sealed class FaultInjector(
    Env env, Scenario scenario, SimCluster cluster, Replicas replicas, Nodes nodes, Outages outages, Others others)
{
    public void Start()
    {
        Every(w => w.BetweenCrashes, Disturb);
        Every(w => w.BetweenPauses, () => replicas.PauseOne(env.Between(0.5, 40)));
        Every(w => w.BetweenNodeLosses, nodes.Lose);
        Every(w => w.BetweenEvictions, nodes.EvictOne);
        Every(w => w.BetweenCompactions, Compact);
        Every(w => w.BetweenRefusals, outages.RefuseRegistrations);
        Every(w => w.BetweenSilences, outages.FallSilent);
        Every(w => w.BetweenLimits, outages.UseUpLimit);
        Every(w => w.BetweenClosings, outages.CloseGroup);
        Every(w => w.BetweenObstacles, outages.Obstruct);
        Every(w => w.BetweenMeddlings, outages.RemoveRegistration);
        Every(w => w.BetweenPoolDeletions, others.DeletePool);
        Every(w => w.BetweenForgeries, others.Forge);
    }

    private void Disturb()
    {
        if (env.Random.Next(3) == 0)
            replicas.ReplaceOne();
        else
            replicas.CrashOne();
    }

    private void Compact()
    {
        env.Faults.Met(FaultKind.HistoryCompacted);
        cluster.Compact();
    }

    private void Every(Func<FaultProfile, TimeSpan?> between, Action mishap)
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
