using System.Collections.Immutable;

namespace RunnerScaler.Scaling;

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

    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);

    /// <param name="failures">When pods failed since one last worked, in order.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The earliest time for the next creation; null for now.</returns>
    public static DateTimeOffset? NotBefore(ImmutableArray<DateTimeOffset> failures, DateTimeOffset now)
    {
        var recent = failures.Count(f => f > now - Memory);
        if (recent <= Free)
            return null;
        var pause = First * Math.Pow(2, Math.Min(recent - Free - 1, 10));
        var until = failures[^1] + (pause < Longest ? pause : Longest);
        return until > now ? until : null;
    }

    /// <summary>Whether a runner that ended this way says that its pool's pods do not work.</summary>
    public static bool IsFailure(Verdict verdict) =>
        verdict is Verdict.Failed or Verdict.StartDeadline or Verdict.RegisterDeadline or Verdict.OutOfMemory
            or Verdict.NoJob;
}
