namespace RunnerScaler.Scaling.Runners;

/// <summary>How a runner's life ended.</summary>
internal enum OutcomeKind
{
    /// <summary>It ran its job; the job's own result is GitHub's matter.</summary>
    RanJob,

    /// <summary>It ended without an error and without having had a job.</summary>
    NoJob,

    /// <summary>Nobody needed it any more: it was retired.</summary>
    Retired,

    /// <summary>It did not claim within <c>deadlines.start</c>.</summary>
    StartDeadline,

    /// <summary>It did not come online within <c>deadlines.register</c>.</summary>
    RegisterDeadline,

    /// <summary>It was killed because it ran out of memory, before or during its job.</summary>
    OutOfMemory,

    /// <summary>It was evicted, preempted or its node was drained.</summary>
    Evicted,

    /// <summary>Its node did not take its pod: nothing of it was ever started.</summary>
    Rejected,

    /// <summary>Its pod vanished: deleted by somebody, or its node is gone.</summary>
    Lost,

    /// <summary>It ended with an error before it had a job.</summary>
    Failed,
}

/// <summary>A part of a runner's life whose length is measured, in this order.</summary>
internal enum RunnerPhase
{
    /// <summary>From the job's being queued to our knowing of it.</summary>
    Detect,

    /// <summary>The request that creates the pod.</summary>
    Create,

    /// <summary>From creation to a node.</summary>
    Schedule,

    /// <summary>From a node to the running container: image pull, volumes, network.</summary>
    Start,

    /// <summary>From the running container to the first claim.</summary>
    Claim,

    /// <summary>From the decision to grant to the JIT config.</summary>
    Register,

    /// <summary>From the JIT config to the start of the job: the runner's own start, and GitHub's assignment.</summary>
    Assign,

    /// <summary>The job.</summary>
    Job,
}
