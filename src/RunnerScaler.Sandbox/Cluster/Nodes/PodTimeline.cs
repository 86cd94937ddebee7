namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>How long the steps of a pod's start take on a node, as drawn for one pod.</summary>
/// <param name="Pull">Pulling the images; zero when the node has them.</param>
/// <param name="Sidecars">Starting the sidecars and running the init containers, together.</param>
/// <param name="Start">Creating and starting the main containers.</param>
/// <param name="SidecarsStop">From the end of the main containers to that of the sidecars.</param>
/// <param name="ImageMissing">The image cannot be pulled: the pod never starts.</param>
internal sealed record PodDelays(
    TimeSpan Pull, TimeSpan Sidecars, TimeSpan Start, TimeSpan SidecarsStop = default, bool ImageMissing = false);

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

    public PodTimeline WithExit(PodExit exit, DateTimeOffset now) =>
        Exit is null ? this with { Exit = exit, Exited = now } : this;
}
