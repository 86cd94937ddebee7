namespace RunnerScaler.Control.Work;

/// <summary>How the loops work. The defaults suit an organisation of hundreds of repositories.</summary>
internal sealed class ControlOptions
{
    /// <summary>Pods that are created or deleted at the same time, over all pools: 1 to 256.</summary>
    public int WriteParallelism { get; set; } = 16;

    /// <summary>
    /// Shortest time between two passes over one pool: 0 to 10 s. What happens in between is taken together.
    /// </summary>
    public TimeSpan PassSpacing { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest time between two passes over one pool, whatever happens or does not: 5 s to 10 min.</summary>
    public TimeSpan Resync { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a claim is held before the pod is told to ask again: 1 to 55 s.</summary>
    public TimeSpan ClaimHold { get; set; } = TimeSpan.FromSeconds(50);

    /// <summary>
    /// Claims that are held at the same time, over all pools: 1 to 100000. An open connection takes some 40 KiB.
    /// Further pods are told when to come again; each pool that has as many holds ten at least.
    /// </summary>
    public int HeldClaims { get; set; } = 500;

    /// <summary>Time between two sweeps for registrations without a pod: 30 s to 1 h.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromMinutes(5);
}
