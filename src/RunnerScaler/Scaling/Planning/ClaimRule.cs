using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>Who of the pods that wait is given an identity, and where.</summary>
internal static class ClaimRule
{
    /// <summary>
    /// The places that are wanted, the most urgent first, are given to the pods that have waited longest. What is left
    /// of either waits on.
    /// </summary>
    /// <param name="wanted">A target for each runner that is missing at GitHub.</param>
    /// <param name="waiting">Standby runners; those whose claim is not open now are passed over.</param>
    public static ImmutableArray<ClaimGrant> Grant(
        IEnumerable<RegistrationTarget> wanted, IEnumerable<Runner> waiting) =>
        [.. waiting
            .Where(r => r.State == RunnerState.Standby && r.Note is { Waiting: true, Retiring: null })
            .OrderBy(r => r.Since).ThenBy(r => r.Slot)
            .Zip(wanted, (runner, target) => new ClaimGrant(runner, target))];

    /// <summary>
    /// What to tell a pod that claims although it was given an identity: the answer may have been lost on its way.
    /// Asked after the identity's registration was deleted, or could not be.
    /// </summary>
    /// <param name="deletion">What GitHub said to the deletion of that registration.</param>
    /// <param name="wasRequested">Whether the identity was ever asked for at GitHub, as far as this process
    /// knows.</param>
    public static Reissue AfterLostAnswer(Deletion deletion, bool wasRequested) => deletion switch
    {
        Deletion.Deleted => Reissue.Grant,

        // Whoever asks runs beside the job that holds the identity, so it is not the program that we started.
        Deletion.Busy => Reissue.Refuse,

        // Gone means used up (a job ran) or reaped, unless it was never asked for.
        Deletion.Gone => wasRequested ? Reissue.Retire : Reissue.Grant,
        _ => Reissue.Later,
    };
}

/// <summary>What to do with a claim of a pod that was given an identity before.</summary>
internal enum Reissue
{
    /// <summary>Give it another one.</summary>
    Grant,

    /// <summary>It has had its job: it should end.</summary>
    Retire,

    /// <summary>It is busy: refuse.</summary>
    Refuse,

    /// <summary>Not known now: it should ask again.</summary>
    Later,
}
