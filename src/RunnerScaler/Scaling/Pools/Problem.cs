namespace RunnerScaler.Scaling.Pools;

/// <summary>Why something that an operator has to know of does not work; becomes the reason of a condition.</summary>
internal enum ProblemReason
{
    /// <summary>The pool's spec breaks a rule.</summary>
    SpecInvalid,

    /// <summary>The Secret is missing, has unknown or missing keys, or its private key is not PEM.</summary>
    CredentialsInvalid,

    /// <summary>GitHub does not accept the credential, or the installation is another's.</summary>
    CredentialsRefused,

    /// <summary>The organisation, user or repository does not exist, or the credential cannot see it.</summary>
    ScopeNotFound,

    /// <summary>The credential lacks a permission.</summary>
    PermissionMissing,

    /// <summary>The runner group does not exist in the organisation.</summary>
    RunnerGroupNotFound,

    /// <summary>GitHub refuses to register the runner.</summary>
    RegistrationRefused,

    /// <summary>The API server refuses the pool's pods: invalid, forbidden, over quota.</summary>
    PodRefused,

    /// <summary>The cluster lacks what the pool's builder needs: its release, a storage class, a snapshot.</summary>
    BuilderUnavailable,

    /// <summary>No answer, or none that makes sense: timeouts, 5xx, bodies that are not JSON.</summary>
    Unreachable,

    /// <summary>GitHub's limits are used up, or it asked to pause: no runner can be registered either.</summary>
    RateLimited,

    /// <summary>
    /// What GitHub's limits leave for reading the queue is used up; runners are registered for the jobs that are known.
    /// </summary>
    ReadingPaused,

    /// <summary>Somebody else listens to the pool's scale set: GitHub lets one do so at a time.</summary>
    SessionHeld,
}

/// <summary>
/// What does not work, in one sentence that names the object and what to set or do. Carries no secret.
/// </summary>
/// <param name="Reason">The kind, for conditions and metrics.</param>
/// <param name="Message">The sentence.</param>
/// <param name="Until">When it is expected to pass by itself; null if nobody knows.</param>
internal sealed record Problem(ProblemReason Reason, string Message, DateTimeOffset? Until = null)
{
    /// <summary>True if waiting may cure it; false if an operator has to act.</summary>
    public bool Passes => Reason
        is ProblemReason.Unreachable or ProblemReason.RateLimited or ProblemReason.ReadingPaused
            or ProblemReason.SessionHeld;
}
