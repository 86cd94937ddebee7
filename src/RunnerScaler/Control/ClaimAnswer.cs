namespace RunnerScaler.Control;

/// <summary>What a pod that claims an identity is told.</summary>
internal abstract record ClaimAnswer
{
    /// <summary>The identity. <see cref="JitConfig"/> is a secret: hand it over and forget it.</summary>
    public sealed record Granted(string RunnerName, string JitConfig) : ClaimAnswer
    {
        /// <summary>Without the secret, so that no log can hold it.</summary>
        public override string ToString() => $"Granted {{ RunnerName = {RunnerName} }}";
    }

    /// <summary>No job needs it yet: ask again at once.</summary>
    public sealed record Standby : ClaimAnswer;

    /// <summary>It is not needed, or can no longer be given an identity: it should end without an error.</summary>
    public sealed record Retire(string Why) : ClaimAnswer;

    /// <summary>It is not a pod of ours, or it already has what it asks for.</summary>
    public sealed record Refused(string Why) : ClaimAnswer;

    /// <summary>Not now: ask again after this time.</summary>
    public sealed record Unavailable(TimeSpan RetryAfter) : ClaimAnswer;
}
