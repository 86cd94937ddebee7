namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Pauses that double from 0.8 s to 30 s, each stretched at random by up to its own length, as client-go's reflector
/// does; they begin anew after <see cref="Reset"/>.
/// </summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.8);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan next = First;

    /// <param name="atLeast">What the server asked for.</param>
    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        var pause = next * (1 + random.NextDouble());
        next = next * 2 < Longest ? next * 2 : Longest;
        return atLeast > pause ? atLeast.Value : pause;
    }

    public void Reset() => next = First;
}
