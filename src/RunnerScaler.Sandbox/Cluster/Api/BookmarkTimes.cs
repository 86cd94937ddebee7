namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// When a watch gets a bookmark: every period, and two seconds before its deadline, as at the real server.
/// </summary>
internal sealed class BookmarkTimes(TimeProvider time, TimeSpan period, TimeSpan timeout)
{
    private readonly long start = time.GetTimestamp();
    private readonly TimeSpan last = timeout - TimeSpan.FromSeconds(2);
    private TimeSpan sent;

    /// <summary>The time until the next is due; zero when it is now, infinite when none will follow.</summary>
    public TimeSpan UntilNext()
    {
        var next = sent + period;
        if (sent < last && last < next)
            next = last;
        else if (next >= timeout)
            return Timeout.InfiniteTimeSpan;
        var left = next - time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public void Sent() => sent = time.GetElapsedTime(start);
}
