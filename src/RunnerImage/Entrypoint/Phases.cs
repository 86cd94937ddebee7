namespace RunnerImage.Entrypoint;

/// <summary>How long the parts of the start took, in seconds; null for what has not happened.</summary>
internal sealed class Phases
{
    /// <summary>From the start until the builder listened.</summary>
    public double? Builder { get; set; }

    /// <summary>From the start until the first claim was sent.</summary>
    public double? Claim { get; set; }

    /// <summary>From the granted claim until the listener was started.</summary>
    public double? Listener { get; set; }
}
