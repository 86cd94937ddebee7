namespace RunnerScaler.Web;

/// <summary>
/// Tells when a crowd of connections has gone. What it took up is garbage then, but the garbage collector looks when
/// memory is asked for, and a quiet process asks for little: it would keep all of it for hours.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class CrowdMemory(TimeProvider time)
{
    /// <summary>Fewer connections than this are worth no collection: together they hold some 20 MiB.</summary>
    internal const int Crowd = 500;

    /// <summary>A collection stops the process for a moment, and whoever reaches a port can make crowds.</summary>
    internal static readonly TimeSpan AtMostEvery = TimeSpan.FromMinutes(1);

    private int most;
    private long? collectedAt;

    /// <summary>Gives memory that is free now back to the system: each time that most of a crowd has gone,
    /// at most once a minute.</summary>
    /// <param name="open">How many connections there are now.</param>
    public void Look(int open)
    {
        if (HasGone(open))
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Whether there was a crowd, of which less than a quarter is left.</summary>
    internal bool HasGone(int open)
    {
        most = Math.Max(most, open);
        if (most < Crowd || open >= most / 4
            || (collectedAt is { } last && time.GetElapsedTime(last) < AtMostEvery))
            return false;
        (most, collectedAt) = (open, time.GetTimestamp());
        return true;
    }
}
