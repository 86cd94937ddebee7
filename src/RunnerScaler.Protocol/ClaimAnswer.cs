namespace RunnerScaler.Protocol;

/// <summary>What a pod that claims an identity is told, or what it makes of what it has heard.</summary>
internal abstract record ClaimAnswer
{
    /// <summary>The identity. <see cref="JitConfig"/> is a secret: hand it over and forget it.</summary>
    public sealed record Granted(string RunnerName, string JitConfig) : ClaimAnswer
    {
        /// <summary>Without the secret, so that no log can hold it.</summary>
        public override string ToString() => $"Granted {{ RunnerName = {RunnerName} }}";
    }

    /// <summary>No job needs it yet: ask again after this time, or at once.</summary>
    /// <param name="RetryAfter">Null for at once: the claim is held then.</param>
    public sealed record Standby(TimeSpan? RetryAfter = null) : ClaimAnswer;

    /// <summary>It is not needed, or can no longer be given an identity: it should end without an error.</summary>
    public sealed record Retired(string Why) : ClaimAnswer;

    /// <summary>It is not a pod of ours, or it already has what it asks for.</summary>
    public sealed record Refused(string Why) : ClaimAnswer;

    /// <summary>Its token is not valid.</summary>
    public sealed record Unauthorized : ClaimAnswer;

    /// <summary>Not now: ask again after this time.</summary>
    public sealed record Unavailable(TimeSpan RetryAfter) : ClaimAnswer;

    /// <summary>
    /// None that means anything: nobody answered, or somebody who is not the controller. Only pods make it.
    /// </summary>
    /// <param name="Problem">What the controller did, as the end of a sentence.</param>
    public sealed record None(string Problem) : ClaimAnswer;
}

/// <summary>What a pod that gives its identity back is told, or what it makes of what it has heard.</summary>
internal abstract record ReturnAnswer
{
    /// <summary>Its registration is gone, or there was none: it may end.</summary>
    public sealed record Returned : ReturnAnswer;

    /// <summary>Its runner has a job by now: it should let it end.</summary>
    public sealed record Busy : ReturnAnswer;

    /// <summary>It is not a pod of ours.</summary>
    public sealed record Refused(string Why) : ReturnAnswer;

    /// <summary>Its token is not valid.</summary>
    public sealed record Unauthorized : ReturnAnswer;

    /// <summary>Not now: ask again after this time.</summary>
    public sealed record Unavailable(TimeSpan RetryAfter) : ReturnAnswer;

    /// <summary>As <see cref="ClaimAnswer.None"/>.</summary>
    public sealed record None(string Problem) : ReturnAnswer;
}
