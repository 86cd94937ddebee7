namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// Faults on request. All shares are probabilities from 0 to 1 and all start at 0; set them at any time. Randomness
/// is injected, so that a run with one client repeats.
/// </summary>
internal sealed class KubeFaults(Random random)
{
    private readonly Lock gate = new();

    /// <summary>
    /// Which requests can be hit; all unless set. For example <c>r => r.User.Name == "controller"</c>.
    /// </summary>
    public Func<KubeRequest, bool> AppliesTo { get; set; } = static _ => true;

    /// <summary>Share of requests that get 500 or 503 instead of being executed.</summary>
    public double ErrorShare { get; set; }

    /// <summary>Share of requests that get 429 with <see cref="RetryAfter"/>.</summary>
    public double ThrottleShare { get; set; }

    /// <summary>What a 429 asks the client to wait.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Share of writes that are executed while the connection breaks before the reply.</summary>
    public double LostReplyShare { get; set; }

    /// <summary>Share of watches that are cut, without a word, at an event.</summary>
    public double WatchCutShare { get; set; }

    /// <summary>Least and most time before a request is executed.</summary>
    public (TimeSpan Least, TimeSpan Most) Latency { get; set; }

    /// <summary>Raised when open watches are to be cut.</summary>
    internal event Action? WatchesCut;

    /// <summary>Cuts all open watches, as a restarted API server or a load balancer does.</summary>
    public void CutWatches() => WatchesCut?.Invoke();

    internal TimeSpan DrawLatency(KubeRequest request)
    {
        var (least, most) = Latency;
        if (most <= TimeSpan.Zero || !AppliesTo(request))
            return TimeSpan.Zero;
        lock (gate)
            return least + ((most - least) * random.NextDouble());
    }

    internal bool Hits(double share, KubeRequest request)
    {
        if (share <= 0 || !AppliesTo(request))
            return false;
        lock (gate)
            return random.NextDouble() < share;
    }

    internal int DrawErrorCode()
    {
        lock (gate)
            return random.Next(2) == 0 ? 500 : 503;
    }
}
