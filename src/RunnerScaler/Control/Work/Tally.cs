namespace RunnerScaler.Control.Work;

/// <summary>Counts what anyone can make happen, so that the log tells of it at most once in a time.</summary>
internal sealed class Tally(TimeSpan atMostEvery, TimeProvider time)
{
    private readonly Lock guard = new();
    private long? toldAt;
    private int untold;

    /// <summary>It has happened.</summary>
    /// <returns>How often since it was last told; null if it is too early to tell.</returns>
    public int? Count()
    {
        lock (guard)
        {
            untold++;
            if (toldAt is { } last && time.GetElapsedTime(last) < atMostEvery)
                return null;
            toldAt = time.GetTimestamp();
            return (untold, untold = 0).Item1;
        }
    }
}
