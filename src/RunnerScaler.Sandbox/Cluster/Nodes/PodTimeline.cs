namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>How long the steps of a pod's start take on a node, as drawn for one pod.</summary>
/// <param name="Pull">Pulling the images; zero when the node has them.</param>
/// <param name="Sidecars">Starting the sidecars and running the init containers, together.</param>
/// <param name="Start">Creating and starting the main containers.</param>
/// <param name="SidecarsStop">From the end of the main containers to that of the sidecars.</param>
/// <param name="ImageMissing">The image cannot be pulled: the pod never starts.</param>
/// <param name="Report">From what happens to its being told to the API server.</param>
internal sealed record PodDelays(
    TimeSpan Pull, TimeSpan Sidecars, TimeSpan Start, TimeSpan SidecarsStop = default, bool ImageMissing = false,
    TimeSpan Report = default);

/// <summary>A node does not take a pod that the scheduler gave it.</summary>
/// <param name="Reason">The kubelet's word, such as <c>OutOfcpu</c>.</param>
/// <param name="Message">The kubelet's sentence.</param>
internal sealed record PodRejection(string Reason, string Message)
{
    /// <summary>What a kubelet says whose node has been filled up by others meanwhile.</summary>
    public static PodRejection OutOfCpu { get; } = new(
        "OutOfcpu",
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 63500, capacity: 64000");
}

/// <summary>What has happened to a pod on its node. Immutable: each event makes a new one.</summary>
/// <param name="Accepted">When the node took the pod up.</param>
internal sealed record PodTimeline(DateTimeOffset Accepted, PodDelays Delays)
{
    /// <summary>When the program started; null before.</summary>
    public DateTimeOffset? Launched { get; init; }

    /// <summary>How the program ended; null before.</summary>
    public PodExit? Exit { get; init; }

    /// <summary>When the program ended; null before.</summary>
    public DateTimeOffset? Exited { get; init; }

    /// <summary>Why the node did not take the pod; null unless it did not.</summary>
    public PodRejection? Rejection { get; init; }

    /// <summary>How far the node's clock is ahead of the cluster's.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>Whether the program was sent SIGTERM.</summary>
    public bool StopSent { get; init; }

    /// <summary>Why the node threw the pod out; null unless it did.</summary>
    public string? Evicted { get; init; }

    /// <summary>What is missing to create the container, such as a ConfigMap; null when nothing is.</summary>
    public string? ConfigError { get; init; }

    /// <summary>When to try again after a <see cref="ConfigError"/>.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    public DateTimeOffset Pulled => Accepted + Delays.Pull;

    public DateTimeOffset Initialized => Pulled + Delays.Sidecars;

    /// <summary>When the main containers can be started.</summary>
    public DateTimeOffset Startable
    {
        get
        {
            var startable = Initialized + Delays.Start;
            return RetryAt > startable ? RetryAt.Value : startable;
        }
    }

    /// <summary>When the sidecars have ended too, and with them the pod; null while the program runs.</summary>
    public DateTimeOffset? Ended => Exited + Delays.SidecarsStop;

    /// <summary>The same, told by the node's clock.</summary>
    public PodTimeline ByNodesClock => this with
    {
        Accepted = Accepted + ClockAhead,
        Launched = Launched + ClockAhead,
        Exited = Exited + ClockAhead,
        RetryAt = RetryAt + ClockAhead,
    };

    public PodTimeline WithExit(PodExit exit, DateTimeOffset now) =>
        Exit is null ? this with { Exit = exit, Exited = now } : this;
}
