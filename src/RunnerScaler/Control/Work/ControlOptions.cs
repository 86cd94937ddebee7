using RunnerScaler.Protocol;

namespace RunnerScaler.Control.Work;

/// <summary>How the loops work. The defaults suit an organisation of hundreds of repositories.</summary>
internal sealed class ControlOptions
{
    /// <summary>Pods that are created or deleted at the same time, over all pools.</summary>
    [OptionRange("1", "256")]
    public int WriteParallelism { get; set; } = 16;

    /// <summary>
    /// Shortest time between two passes over one pool. What happens in between is taken together.
    /// </summary>
    [OptionRange("0", "10s")]
    public TimeSpan PassSpacing { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest time between two passes over one pool, whatever happens or does not.</summary>
    [OptionRange("5s", "10m")]
    public TimeSpan Resync { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a claim is held before the pod is told to ask again.</summary>
    [OptionRange("1s", ClaimProtocol.LongestHold)]
    public TimeSpan ClaimHold { get; set; } = TimeSpan.FromSeconds(50);

    /// <summary>
    /// Claims that are held at the same time, over all pools. An open connection takes some 40 KiB. Further pods are
    /// told when to come again; each pool that has as many holds ten at least.
    /// </summary>
    [OptionRange("1", "100000")]
    public int HeldClaims { get; set; } = 500;

    /// <summary>Time between two sweeps for registrations without a pod.</summary>
    [OptionRange("30s", "1h")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromMinutes(5);
}
