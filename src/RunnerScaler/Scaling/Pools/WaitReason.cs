namespace RunnerScaler.Scaling.Pools;

/// <summary>Why a queued job has no runner yet. Every such job has exactly one.</summary>
internal enum WaitReason
{
    /// <summary>No pool that serves the job's repository has all its labels.</summary>
    NoPoolMatches,

    /// <summary>A pool matches, but its spec or its credential has a problem that an operator must fix.</summary>
    PoolNotReady,

    /// <summary>
    /// Queued for longer than GitHub keeps a job (24 h), or in a run that has ended: no runner is made for it.
    /// </summary>
    Stale,

    /// <summary>
    /// It is for a pull request of a fork, and the pools that match share a builder that forks may not use.
    /// </summary>
    ForksRefused,

    /// <summary>
    /// It stayed queued for <c>deadlines.assign</c> beside an idle runner that matches: GitHub does not give it to the
    /// pool's runners, most likely because their group is not open to it. It is tried again now and then.
    /// </summary>
    NotAssigned,

    /// <summary>All slots of the pool are taken.</summary>
    PoolFull,

    /// <summary>The repository has as many runners as <c>maxRunnersPerRepository</c> allows.</summary>
    RepositoryLimit,

    /// <summary>Pods of the pool keep failing, or are refused; the next one is made after a pause.</summary>
    BackingOff,

    /// <summary>The request limit at GitHub leaves nothing to register runners with.</summary>
    BudgetPaused,

    /// <summary>A pod is being created.</summary>
    Creating,

    /// <summary>A pod has no node yet.</summary>
    Scheduling,

    /// <summary>A pod has a node and is pulling images or starting containers.</summary>
    Starting,

    /// <summary>A pod is ready and is being given an identity, or its runner is connecting.</summary>
    Registering,

    /// <summary>An idle runner that matches is registered: GitHub has to assign the job.</summary>
    Assigning,
}
