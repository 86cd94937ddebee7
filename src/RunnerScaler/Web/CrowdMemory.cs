namespace RunnerScaler.Web;

/// <summary>
/// Tells when a crowd of connections has gone, whether it was let in or not. What it took up is garbage then, but the
/// garbage collector looks when memory is asked for, and a quiet process asks for little: it would keep all of it for
/// hours.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class CrowdMemory(TimeProvider time)
{
    /// <summary>Fewer connections than this are worth no collection: together they hold some 20 MiB.</summary>
    internal const int Crowd = 500;

    /// <summary>A collection stops the process for a moment, and whoever reaches a port can make crowds.</summary>
    internal static readonly TimeSpan AtMostEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection counts as part of a crowd, however soon it was closed.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);

    private long most;
    private long before;
    private long cameBefore;
    private long? spanSince;
    private long? collectedAt;

    /// <summary>Gives memory that is free now back to the system: each time that most of a crowd has gone,
    /// at most once a minute.</summary>
    /// <param name="open">How many connections there are now.</param>
    /// <param name="came">How many there have been since the start.</param>
    public void Observe(int open, long came)
    {
        if (HasGone(open, came))
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>
    /// Whether there was a crowd, of which less than a quarter is left. A crowd that finds little room is never there
    /// as a whole: those that came within some seconds count.
    /// </summary>
    internal bool HasGone(int open, long came)
    {
        if (spanSince is not { } since || time.GetElapsedTime(since) >= Span)
            (before, cameBefore, spanSince) = (came - cameBefore, came, time.GetTimestamp());
        var now = Math.Max(open, Math.Max(before, came - cameBefore));
        most = Math.Max(most, now);
        if (most < Crowd || now >= most / 4
            || (collectedAt is { } last && time.GetElapsedTime(last) < AtMostEvery))
            return false;
        (most, collectedAt) = (now, time.GetTimestamp());
        return true;
    }
}
