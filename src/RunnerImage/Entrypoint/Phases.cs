using RunnerScaler.Protocol;

namespace RunnerImage.Entrypoint;

/// <summary>How long the parts of the start took; null for what has not happened yet.</summary>
internal sealed class Phases
{
    /// <summary>From the start until the builder listened.</summary>
    public TimeSpan? Builder { get; set; }

    /// <summary>From the start until the first claim was sent.</summary>
    public TimeSpan? Claim { get; set; }

    /// <summary>From the granted claim until the listener was started.</summary>
    public TimeSpan? Listener { get; set; }

    public StartTimes Times => new(Builder, Claim, Listener);
}
