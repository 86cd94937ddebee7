using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Leading;

namespace RunnerScaler.Tests.Kubernetes.Leading;

/// <summary>A process that competes for the lease.</summary>
internal sealed class Replica
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task run;

    public Replica(string name, LeaseWorld world, TimeProvider time, Func<Fate>? fate = null, int seed = 1)
    {
        Store = new FaultyLeaseStore(world, fate ?? (() => Fate.Fine));
        Gate = new LeaderGate(time);
        Gate.Changed += Changes.Add;
        var election = new LeaseElection(
            name,
            Store,
            Gate,
            LeaseTimes.Default,
            Metrics,
            new Heartbeats(time),
            new Random(seed),
            time,
            NullLogger<LeaseElection>.Instance);
        run = RunInline(() => election.RunAsync(stop.Token));
    }

    public FaultyLeaseStore Store { get; }

    public LeaderGate Gate { get; }

    public RecordedClusterMetrics Metrics { get; } = new();

    public List<bool> Changes { get; } = [];

    /// <summary>
    /// Without a scheduler: everything that a step of the time sets off has happened when the step returns.
    /// </summary>
    public static Task RunInline(Func<Task> start)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return start();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await run;
    }
}
