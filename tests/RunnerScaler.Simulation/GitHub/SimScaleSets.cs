using RunnerScaler.Control.Ports;

namespace RunnerScaler.Simulation.GitHub;

/// <summary>Pools of the simulation are polled: none asks for a scale set.</summary>
internal sealed class SimScaleSets : IScaleSetSource
{
    public Task<OpenResult> OpenAsync(ScaleSet set, string owner, CancellationToken cancel) =>
        throw new NotSupportedException($"No pool of the simulation has the scale set {set.Name}.");
}
