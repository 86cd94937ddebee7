using System.Text.Json;

namespace RunnerScaler.Bench;

/// <param name="Jobs">Jobs queued at once, and so pods created.</param>
/// <param name="DetectSeconds">From the queueing to the first pod.</param>
/// <param name="PodsPerSecond">From the first pod to the last, by the controller.</param>
/// <param name="BarePodsPerSecond">The same pods, by a loop that does nothing else, as many requests side by
/// side.</param>
/// <param name="Ratio">The first over the second.</param>
/// <param name="IdleMemoryMiB">Working set of the controller with a pool and no runner.</param>
/// <param name="IdleProcessorMillisecondsPerMinute">What it uses while nothing happens.</param>
/// <param name="FullMemoryMiB">Working set with all runners.</param>
/// <param name="BurstProcessorMillisecondsPerPod">What the burst cost, for each pod.</param>
internal sealed record Figures(
    int Jobs,
    double DetectSeconds,
    double PodsPerSecond,
    double BarePodsPerSecond,
    double Ratio,
    double IdleMemoryMiB,
    double IdleProcessorMillisecondsPerMinute,
    double FullMemoryMiB,
    double BurstProcessorMillisecondsPerPod)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
