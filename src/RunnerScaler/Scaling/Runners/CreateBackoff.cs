using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// When a pool whose pods keep failing may create the next one. A few failures cost no time, so that a pod that dies is
/// replaced at once; a shape that cannot work does not fill the cluster with corpses.
/// </summary>
internal static class CreateBackoff
{
    /// <summary>Failures that cost no pause.</summary>
    public const int Free = 3;

    /// <summary>Older failures are forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);

    /// <summary>No pause is longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>
    /// No pause after refusals is longer: whoever refuses a pod, a node or a quota, may take the next one.
    /// </summary>
    public static readonly TimeSpan LongestAfterRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Whoever removes a pod later than this may have had a reason.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstAfterRefusal = TimeSpan.FromSeconds(1);

    /// <param name="failures">When pods failed since one last worked, in order.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The earliest time for the next creation; null for now.</returns>
    public static DateTimeOffset? NotBefore(ImmutableArray<DateTimeOffset> failures, DateTimeOffset now) =>
        NotBefore(failures, First, Longest, now);

    /// <param name="refusals">When pods were refused since one was last taken, in order.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The earliest time for the next creation; null for now.</returns>
    public static DateTimeOffset? AfterRefusals(ImmutableArray<DateTimeOffset> refusals, DateTimeOffset now) =>
        NotBefore(refusals, FirstAfterRefusal, LongestAfterRefusal, now);

    /// <summary>
    /// Whether somebody else removed a runner so soon after it was made, and before it asked for an identity, that the
    /// next one may fare alike: a policy that cleans up, or the garbage collector, to which the pool is gone that the
    /// controller still sees.
    /// </summary>
    public static bool IsUnwelcome(Runner runner, RunnerOutcome outcome, DateTimeOffset now) =>
        outcome is { Job: JobProof.None, Kind: OutcomeKind.Evicted or OutcomeKind.Lost }
        && runner is { Note.ClaimedAt: null, Pod: { } pod }
        && now - pod.Seen.Pod < Soon;

    private static DateTimeOffset? NotBefore(
        ImmutableArray<DateTimeOffset> times, TimeSpan first, TimeSpan longest, DateTimeOffset now)
    {
        var recent = times.Count(f => f > now - Memory);
        if (recent <= Free)
            return null;
        var pause = first * Math.Pow(2, Math.Min(recent - Free - 1, 10));
        var until = times[^1] + (pause < longest ? pause : longest);
        return until > now ? until : null;
    }

    /// <summary>
    /// Whether a runner that ended this way without having had a job says that its pool's pods do not work.
    /// </summary>
    public static bool IsFailure(OutcomeKind outcome) =>
        outcome is OutcomeKind.Failed or OutcomeKind.StartDeadline or OutcomeKind.RegisterDeadline
            or OutcomeKind.OutOfMemory or OutcomeKind.NoJob;
}
