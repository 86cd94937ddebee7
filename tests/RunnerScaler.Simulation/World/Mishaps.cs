using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.Workload;

namespace RunnerScaler.Simulation.World;

/// <summary>What happens to processes and nodes until all is calm.</summary>
internal sealed class Mishaps(
    Env env, Scenario scenario, SimCluster cluster, Organization github, Replicas replicas, Nodes nodes)
{
    public void Start()
    {
        Every(w => w.BetweenCrashes, Disturb);
        Every(w => w.BetweenPauses, () => replicas.PauseOne(env.Between(0.5, 40)));
        Every(w => w.BetweenNodeLosses, nodes.Lose);
        Every(w => w.BetweenEvictions, nodes.EvictOne);
        Every(w => w.BetweenCompactions, cluster.Compact);
        Every(w => w.BetweenRefusals, Refuse);
        Every(w => w.BetweenMeddlings, Meddle);
    }

    private void Disturb()
    {
        if (env.Random.Next(3) == 0)
            replicas.ReplaceOne();
        else
            replicas.CrashOne();
    }

    private void Refuse()
    {
        var until = env.Scheduler.Elapsed + env.Between(10, 200);
        env.RefusesUntil = until < scenario.CalmFrom ? until : scenario.CalmFrom;
        env.Say("github", $"refuses to register runners until {env.RefusesUntil:mm\\:ss}");
    }

    private void Meddle()
    {
        var idle = github.AllRunners().Where(r => !r.Busy).ToArray();
        if (idle.Length == 0)
            return;
        var runner = idle[env.Random.Next(idle.Length)];
        var scope = runner.Scope.RepositoryId is { } id
            ? scenario.Repositories.First(r => github.FindRepository(r)!.Id == id)
            : Scenario.Organization;
        env.Say("github", $"somebody deletes {runner.Name}");
        github.DeleteRunner(scope, runner.Id);
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
