namespace RunnerScaler.Integration.Chart;

/// <summary>Watches the Lease, and measures how long nobody led.</summary>
internal sealed class LeaderGaps(ReleaseWorld world)
{
    private readonly List<string> leaders = [];

    /// <summary>
    /// From the last renewal of one leader to the next one's acquisition; no less than what nobody led for.
    /// </summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>How many led.</summary>
    public int Leaders => leaders.Count;

    public async Task DuringAsync(Func<Task> work)
    {
        using var done = new CancellationTokenSource();
        var watching = WatchAsync(done.Token);
        try
        {
            await work();
        }
        finally
        {
            await done.CancelAsync();
            await watching;
        }
    }

    private async Task WatchAsync(CancellationToken done)
    {
        DateTimeOffset? renewed = null;
        while (!done.IsCancellationRequested)
        {
            var lease = await world.LeaseAsync();
            if (lease.Holder.Length > 0 && (leaders.Count == 0 || leaders[^1] != lease.Holder))
            {
                if (leaders.Count > 0 && lease.Acquired - renewed is { } gap && gap > Longest)
                    Longest = gap;
                leaders.Add(lease.Holder);
            }
            renewed = lease.Renewed ?? renewed;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
