using System.Threading.Channels;
using RunnerScaler.Sandbox.Cluster.Nodes;

namespace RunnerScaler.Integration.Cluster;

/// <summary>A program whose ends the test decides, one after the other.</summary>
internal sealed class ScriptedProgram : IPodProgram
{
    private readonly Channel<PodContext> started = Channel.CreateUnbounded<PodContext>();
    private readonly Channel<PodExit> ends = Channel.CreateUnbounded<PodExit>();

    public bool IgnoresStop { get; init; }

    public bool WasStopped { get; private set; }

    /// <summary>Waits for the next start; fails the test after 30 seconds.</summary>
    public Task<PodContext> NextAsync() =>
        started.Reader.ReadAsync(TestCluster.Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(120));

    /// <summary>Ends one running program.</summary>
    public void End(PodExit exit) => ends.Writer.TryWrite(exit);

    public async Task<PodExit> RunAsync(PodContext context, CancellationToken stop)
    {
        started.Writer.TryWrite(context);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            context.Killed, IgnoresStop ? CancellationToken.None : stop);
        try
        {
            return await ends.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !IgnoresStop)
        {
            WasStopped = true;
            return PodExit.Of(0);
        }
    }
}

/// <summary>Simulated nodes that run for the time of a test, in the namespace of its cluster.</summary>
internal sealed class RunningNodes : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public RunningNodes(
        TestCluster cluster, IPodProgram program, int capacity = 10, Delay? sidecars = null,
        Func<NodeOptions, NodeOptions>? edit = null)
    {
        NodeName = $"node-of-{cluster.Namespace}";
        var options = new NodeOptions
        {
            Nodes = [new NodeShape(NodeName, new PodResources(8, 16L << 30, capacity))],
            Namespace = cluster.Namespace,
            Pull = Delay.Milliseconds(5, 10),
            Sidecars = sidecars ?? Delay.None,
            Start = Delay.Milliseconds(5, 10),
        };
        Simulator = new NodeSimulator(
            cluster.Typed, edit?.Invoke(options) ?? options, program, TimeProvider.System, new Random(3));
        running = Simulator.RunAsync(stop.Token);
    }

    public NodeSimulator Simulator { get; }

    public string NodeName { get; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }
}
