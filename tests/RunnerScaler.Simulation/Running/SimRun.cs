using RunnerScaler.Control.Work;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.Workload;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Running;

/// <summary>One seed: a world, its weather, its people, until all is calm and clean again.</summary>
internal sealed class SimRun
{
    private readonly Env env;
    private readonly Scenario scenario;
    private readonly Organization github;
    private readonly SimCluster cluster;
    private readonly PoolObjects pools;
    private readonly Watchdog watchdog;
    private readonly Replicas replicas;
    private readonly Nodes nodes;
    private readonly LivenessChecks aftermath;

    private SimRun(int seed, RunSettings settings)
    {
        env = new Env(seed, settings.Trace ?? new Trace());
        scenario = settings.Plain ? Scenario.Plain(env.Random) : Scenario.Drawn(env.Random);
        if (!settings.Plain)
            env.Weather = FaultProfile.Drawn(env.Random);
        github = new Organization(
            env.World.Clock, new Random(env.Random.Next()), new() { IdleDeadline = scenario.IdleDrop });
        cluster = new SimCluster(env);
        pools = new PoolObjects(env, cluster);
        watchdog = new Watchdog(env, cluster, github, pools);
        var options = new ControlOptions
        {
            SweepPeriod = TimeSpan.FromMinutes(2),

            // In one run of four pods are sent away; the others go on as they did before that could be.
            HeldClaims = seed % 4 == 0 ? 1 + (seed / 4 % 3) : new ControlOptions().HeldClaims,
        };
        var around = new ReplicaDependencies(
            env, cluster, pools, new LeaseObject(), github, watchdog, options, settings.Mutation);
        replicas = new Replicas(env, name => new Replica(around, name));
        nodes = new Nodes(env, cluster, github, new ClaimLink(env, cluster, replicas, watchdog), watchdog);
        var waits = new Waits(env, scenario, github, pools, nodes, replicas, watchdog);
        aftermath = new LivenessChecks(env, cluster, github, pools, nodes, replicas, watchdog, waits);
    }

    public static RunResult Of(int seed, RunSettings? settings = null) => new SimRun(seed, settings ?? new()).Run();

    private RunResult Run()
    {
        env.World.Start("world", BeginAsync);
        aftermath.Await(scenario.CalmFrom);
        if (env.Scheduler.Failure is null)
            aftermath.Run();
        return new RunResult(env.Seed, env.Scheduler.Failure, env.Scheduler.Trace.Hash)
        {
            Elapsed = env.Scheduler.Elapsed,
            Steps = env.Scheduler.Steps,
            Jobs = watchdog.JobsRun,
            JitCalls = watchdog.JitCalls,
            Pods = watchdog.PodsMade,
            Surplus = nodes.EndedWithoutJob,
            NamesReused = watchdog.NamesReused,
            Faults = env.Wire.Faults,
            Kinds = env.Faults,
        };
    }

    private Task BeginAsync()
    {
        github.AddOrganization(Scenario.Organization);
        github.AddUser(Scenario.User);
        foreach (var repository in scenario.Repositories)
            github.AddRepository(repository);
        foreach (var pool in scenario.Pools)
            pools.Put(pool);
        for (var i = 0; i < scenario.Replicas; i++)
            replicas.Add();
        new UserActions(env, scenario, github, cluster, pools).Start();
        for (var i = 0; i < scenario.ForeignRunners; i++)
        {
            var foreign = new ForeignRunner(env, github, $"foreign{i}", scenario.CalmFrom);
            env.World.Start("foreign runner", foreign.RunAsync);
        }
        if (env.Weather.Skew != TimeSpan.Zero)
            env.Faults.Met(FaultKind.ClockSkewed);
        var outages = new Outages(env, scenario, github);
        var others = new Others(env, scenario, cluster, pools, watchdog);
        new FaultInjector(env, scenario, cluster, replicas, nodes, outages, others).Start();
        return Task.CompletedTask;
    }
}
