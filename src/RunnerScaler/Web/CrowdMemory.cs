namespace RunnerScaler.Web;

/// <summary>
/// Tells when a crowd of connections has gone. What it took up is garbage then, but the garbage collector looks when
/// memory is asked for, and a quiet process asks for little: it would keep all of it for hours.
/// </summary>
internal sealed class CrowdMemory
{
    /// <summary>Fewer connections than this are worth no collection: together they hold some 20 MiB.</summary>
    internal const int Crowd = 500;

    private int most;

    /// <summary>Gives memory that is free now back to the system: each time that most of a crowd has
    /// gone.</summary>
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
        if (most < Crowd || open >= most / 4)
            return false;
        most = open;
        return true;
    }
}
