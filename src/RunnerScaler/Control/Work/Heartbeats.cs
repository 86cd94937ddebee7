using System.Collections.Concurrent;

namespace RunnerScaler.Control.Work;

/// <summary>
/// Every loop beats here; one that has not for longer than it promised is stuck, and the process should be restarted.
/// Another machine that is slow, or does not answer at all, is no reason for that: a restart would not fix it. While a
/// loop waits for one it is <see cref="Outside"/>.
/// </summary>
internal sealed class Heartbeats(TimeProvider time)
{
    /// <summary>
    /// Every request has a deadline, of minutes at most; so whoever hears of none for longer than this is stuck itself.
    /// </summary>
    public static readonly TimeSpan LongestOutside = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (long At, TimeSpan Within)> beats = new();

    /// <param name="loop">The loop's name.</param>
    /// <param name="within">How soon the next beat will come, with margin.</param>
    public void Beat(string loop, TimeSpan within) => beats[loop] = (time.GetTimestamp(), within);

    /// <summary>The loop waits for other machines until what is returned is disposed.</summary>
    /// <param name="loop">The loop's name.</param>
    /// <param name="within">How soon it will beat after that.</param>
    public Away Outside(string loop, TimeSpan within)
    {
        Heard(loop);
        return new Away(this, loop, within);
    }

    /// <summary>The loop is still outside, and something came back.</summary>
    public void Heard(string loop) => Beat(loop, LongestOutside);

    /// <summary>The loop has ended as it should.</summary>
    public void Stop(string loop) => beats.TryRemove(loop, out _);

    /// <summary>The loops that are overdue.</summary>
    public IReadOnlyList<string> Overdue() =>
        [.. beats.Where(b => time.GetElapsedTime(b.Value.At) > b.Value.Within).Select(b => b.Key).Order()];

    /// <summary>A wait for other machines; disposed when it is over.</summary>
    internal readonly struct Away(Heartbeats beats, string loop, TimeSpan within) : IDisposable
    {
        public void Dispose() => beats.Beat(loop, within);
    }
}
