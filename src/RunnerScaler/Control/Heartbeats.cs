using System.Collections.Concurrent;

namespace RunnerScaler.Control;

/// <summary>
/// Every loop beats here; one that has not for longer than it promised is dead, and the process should be restarted.
/// </summary>
internal sealed class Heartbeats(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (long At, TimeSpan Within)> beats = new();

    /// <param name="loop">The loop's name.</param>
    /// <param name="within">How soon the next beat will come, with margin.</param>
    public void Beat(string loop, TimeSpan within) => beats[loop] = (time.GetTimestamp(), within);

    /// <summary>The loop has ended as it should.</summary>
    public void Stop(string loop) => beats.TryRemove(loop, out _);

    /// <summary>The loops that are overdue.</summary>
    public IReadOnlyList<string> Overdue() =>
        [.. beats.Where(b => time.GetElapsedTime(b.Value.At) > b.Value.Within).Select(b => b.Key).Order()];
}
