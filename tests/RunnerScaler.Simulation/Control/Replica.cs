using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Leading;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.GitHub;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Control;

/// <summary>All that replicas are made of and talk to.</summary>
internal sealed record ReplicaDependencies(
    Env Env, SimCluster Cluster, PoolObjects Pools, LeaseObject Lease, Organization GitHub, Watchdog Watchdog,
    ControlOptions Options, Mutation Mutation);

/// <summary>One process of the controller: the real loops, the real election, simulated ports.</summary>
internal sealed class Replica
{
    private readonly ReplicaDependencies around;
    private readonly ServiceProvider services;
    private readonly SimPodStore pods;
    private readonly SimPoolStore pools;
    private readonly CancellationTokenSource stopWork = new();
    private readonly CancellationTokenSource stopAll = new();
    private TimeSpan resumedAt;

    public Replica(ReplicaDependencies around, string name)
    {
        this.around = around;
        resumedAt = around.Env.Scheduler.Elapsed;
        var env = around.Env;
        Process = env.NewProcess(name, env.Weather.Skew * (env.Random.NextDouble() - 0.5) * 2);
        Metrics = new();
        services = new ServiceCollection()
            .AddSingleton(Process.Clock)
            .AddSingleton(around.Options)
            .AddSingleton(typeof(ILogger<>), typeof(SimLogger<>))
            .AddSingleton(new SimLog(env, name))
            .AddSingleton(p => new SimApi(env, p.GetRequiredService<Refusals>(), name, around.Mutation))
            .AddSingleton<IPoolStore>(p => new SimPoolStore(around, p.GetRequiredService<SimApi>(), Process))
            .AddSingleton<IPodStore>(p => new SimPodStore(
                around, p.GetRequiredService<SimApi>(), Process, p.GetRequiredService<LeaderGate>(),
                p.GetRequiredService<IPoolStore>(), OfTerm<PendingWrites>))
            .AddSingleton<IRunnerRegistrar>(p => new SimRegistrar(
                env, around.GitHub, name, NoteOf, around.Watchdog, around.Mutation))
            .AddScoped<IJobSource>(p => new SimJobSource(
                env, around.GitHub, Process, () => p.GetRequiredService<JobBoardStore>().Now, around.Mutation))
            .AddSingleton<IScaleSetSource>(new SimScaleSets())
            .AddSingleton(new Random(0))
            .AddSingleton<IEventSink>(new SimEvents(env, name, around.Watchdog))
            .AddSingleton<IScalerMetrics>(Metrics)
            .AddControl()
            .BuildServiceProvider();
        pods = (SimPodStore)services.GetRequiredService<IPodStore>();
        pools = (SimPoolStore)services.GetRequiredService<IPoolStore>();
        Api = services.GetRequiredService<SimApi>();
        Reception = services.GetRequiredService<Reception>();
        Gate = services.GetRequiredService<LeaderGate>();
        Election = new LeaseElection(
            $"{name}-{env.Random.GetHexString(4, true)}", new SimLeaseStore(Api, around.Lease), Gate,
            LeaseTimes.Default, Metrics, services.GetRequiredService<Heartbeats>(), new Random(env.Random.Next()),
            Process.Clock, services.GetRequiredService<ILogger<LeaseElection>>());
    }

    public SimProcess Process { get; }

    public Reception Reception { get; }

    public SimApi Api { get; }

    public LeaderGate Gate { get; }

    public SimMetrics Metrics { get; }

    private LeaseElection Election { get; }

    public bool IsSynced => pods.Synced && pools.Synced;

    /// <summary>How many runners this replica has notes of.</summary>
    public int NotesKept => OfTerm<RunnerNotes>()?.Count ?? 0;

    public IReadOnlyList<string> OverdueLoops => services.GetRequiredService<Heartbeats>().Overdue();

    public void Start()
    {
        pods.Start(stopAll.Token);
        pools.Start(stopAll.Token);
        var scaler = services.GetRequiredService<Scaler>();
        Process.Start("scaler", () => RunAsync(scaler));
    }

    /// <summary>Goes on after a pause.</summary>
    public void Resume()
    {
        resumedAt = around.Env.Scheduler.Elapsed;
        Process.Resume();
    }

    /// <summary>Whether it has run for so long without a pause.</summary>
    public bool IsUndisturbed(TimeSpan length) =>
        !Process.IsPaused && around.Env.Scheduler.Elapsed - resumedAt > length;

    /// <summary>Asks it to stop as an update does: work first, then the lease is given back.</summary>
    public void Stop() => Process.Post(_ => stopWork.Cancel(), null);

    private async Task RunAsync(Scaler scaler)
    {
        var election = SimPodStore.UntilCancelled(Election.RunAsync(stopAll.Token));
        await SimPodStore.UntilCancelled(scaler.RunAsync(stopWork.Token));
        stopAll.Cancel();
        await election;
        Process.Kill();
    }

    /// <summary>A part of the present term; null while this replica has none.</summary>
    private T? OfTerm<T>()
        where T : class => services.GetRequiredService<Scaler>().Term?.GetRequiredService<T>();

    private RunnerNote? NoteOf(string runnerName) =>
        pods.Cache.All.FirstOrDefault(p => Watchdog.IsOf(runnerName, p.Uid)) is { } pod
            ? OfTerm<RunnerNotes>()?.Of(pod.Uid)
            : null;
}
