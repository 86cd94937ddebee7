namespace RunnerScaler.Simulation.Promises;

/// <summary>A rule that is broken on purpose, to see that the simulation notices.</summary>
internal enum Mutation
{
    None,

    /// <summary>
    /// Pods have random names instead of their slot's, and nothing is remembered of what was asked for.
    /// </summary>
    RandomPodNames,

    /// <summary>Pods have random names; what was asked for is remembered.</summary>
    RandomNamesRemembered,

    /// <summary>Creations are counted from the cache alone.</summary>
    NoPendingWrites,

    /// <summary>The pod is deleted before its registration.</summary>
    PodBeforeRegistration,

    /// <summary>A pod that claims again is given another identity while the first still stands.</summary>
    RegrantKeepsRegistration,

    /// <summary>A repository that cannot be read is taken for one without jobs.</summary>
    FailedReadIsEmpty,

    /// <summary>A pod is deleted although it is not as it was seen.</summary>
    DeletesWhateverChanged,

    /// <summary>An identity is written on a pod whatever stands there.</summary>
    MarksBlindly,

    /// <summary>Pods are written by who does not hold the lease.</summary>
    WritesWithoutLease,

    /// <summary>Registrations without a pod are left where they are.</summary>
    NoSweep,

    /// <summary>Nobody is told of what the API server refuses.</summary>
    HidesRefusals,

    /// <summary>A refusal that was told is never taken back by a success.</summary>
    RefusalsNeverEnd,

    /// <summary>That GitHub refuses a registration is taken for no clear answer.</summary>
    BlursRegistrations,

    /// <summary>A pod with an identity stays its pool's own.</summary>
    KeepsOwner,
}
