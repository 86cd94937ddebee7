namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Pauses that double from 0.5 s, each stretched at random by up to its own length, and that are never longer than
/// 5 s: whatever waits for the API server is back that soon after the server is. They begin anew after
/// <see cref="Reset"/>.
/// </summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private TimeSpan next = First;

    /// <param name="atLeast">What the server asked for; respected up to <see cref="Longest"/>.</param>
    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        var pause = next * (1 + random.NextDouble());
        next = next * 2 < Longest / 2 ? next * 2 : Longest / 2;
        if (atLeast > pause)
            pause = atLeast.Value;
        return pause < Longest ? pause : Longest;
    }

    public void Reset() => next = First;
}
