namespace RunnerScaler.Scaling.Planning;

/// <summary>Why a pod is made. It is bound to nothing: whoever it is made for, it takes what comes.</summary>
internal enum PodPurpose
{
    /// <summary>It was asked for before, and nobody knows whether it was made.</summary>
    AskedAgain,

    /// <summary>A queued job has no runner.</summary>
    QueuedJob,

    /// <summary>The pool keeps idle runners (<c>spec.warm.idle</c>).</summary>
    Idle,

    /// <summary>The pool keeps pods in standby (<c>spec.warm</c>).</summary>
    Standby,
}
