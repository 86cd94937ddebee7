using System.Globalization;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Explaining;

/// <summary>
/// Says how long it will take until a job's pod is ready, from what it took the last pods of its pool. Of waits for a
/// slot, a person or GitHub nothing is said: nobody knows how long other people's jobs run.
/// </summary>
internal static class Estimate
{
    /// <summary>Fewer pods say nothing.</summary>
    public const int Least = 5;

    /// <summary>What was longer ago says little of now.</summary>
    private const int Most = 50;

    /// <param name="known">What is known.</param>
    /// <param name="waiting">The job.</param>
    /// <param name="pass">The pass of its pool.</param>
    /// <returns>Null if there is no honest one.</returns>
    public static EstimateAnswer? Of(Knowledge known, WaitingJob waiting, PoolReading pass)
    {
        if (waiting.Reason is not (WaitReason.Creating or WaitReason.Scheduling or WaitReason.Starting)
            || (waiting.Runner is { } runner && PodTrouble.Of(runner) is not null))
            return null;
        var times = known.Ended
            .Where(e => e.Pool == pass.Key && e.ClaimedAt is not null)
            .Select(e => (e.ClaimedAt!.Value - e.SeenAt).TotalSeconds)
            .Where(seconds => seconds >= 0)
            .Take(Most).Order().ToArray();
        if (times.Length < Least)
            return null;
        var age = (known.Now - (waiting.Runner?.Since ?? known.Now)).TotalSeconds;

        // One that takes longer than nearly all others did is no more like them.
        if (age > times[times.Length * 9 / 10])
            return null;
        var median = times[times.Length / 2];
        return new((int)Math.Ceiling(Math.Max(0, median - age)), string.Create(
            CultureInfo.InvariantCulture,
            $"half of the last {times.Length} pods of pool {pass.Key} were ready within {median:0} s"));
    }
}
