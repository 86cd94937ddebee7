using RunnerScaler.Sandbox.Cluster.Nodes;

namespace RunnerScaler.Integration.Whole;

/// <summary>A runner that ends before it does anything while it is told to.</summary>
internal sealed class ExitingProgram(IPodProgram runner, Func<int?> code) : IPodProgram
{
    public Task<PodExit> RunAsync(PodContext context, CancellationToken stop) => code() is { } ends
        ? Task.FromResult(PodExit.Of(ends))
        : runner.RunAsync(context, stop);
}
