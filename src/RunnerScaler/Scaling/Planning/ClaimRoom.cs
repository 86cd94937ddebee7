using System.Collections.Immutable;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>
/// Which pods wait with their claim open, and which are told when to come again. An open claim is answered the moment a
/// job needs its pod, but is a connection. GitHub lets a credential register some 174 runners in a minute: no more than
/// these can be granted at once, and those that are away come back as fast as others can be.
/// </summary>
internal static class ClaimRoom
{
    /// <summary>What a pool may hold, whatever others hold.</summary>
    public const int LeastOfAPool = 10;

    /// <summary>
    /// No pod is told to stay away for longer: a controller that takes over waits for it for
    /// <see cref="Lifecycle.ReclaimTime"/>.
    /// </summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(75);

    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Of the pods that a pool has sent away, so many come back each second, or more: as many as GitHub lets register.
    /// </summary>
    private const double ReturnsPerSecond = 3;

    private static readonly double GoldenRatio = (Math.Sqrt(5) - 1) / 2;

    /// <summary>How many claims a pool may hold: an equal part, what others leave, or ten, whatever is most.</summary>
    /// <param name="most">How many are held over all pools.</param>
    /// <param name="elsewhere">How many others hold.</param>
    /// <param name="pools">How many pools there are: at least 1.</param>
    public static int Of(int most, int elsewhere, int pools) =>
        Math.Max(Math.Max(most / pools, Math.Min(most, LeastOfAPool)), most - elsewhere);

    /// <summary>How many claims the pool holds.</summary>
    public static int Held(Fleet fleet) => fleet.Runners.Count(r => r.Note.Waiting);

    /// <summary>
    /// The pods whose claims are not held any longer, now that the plan has given away what it has to give: of those
    /// that wait the ones that came last, as they would be granted last. One that was sent away and came too early is
    /// held until its time: its program does not know that it may be sent away.
    /// </summary>
    public static ImmutableArray<ClaimPause> SendAway(PlanInput input, Plan plan, int room)
    {
        var leaving = plan.Grants.Select(g => g.Runner).Concat(plan.Retire.Select(r => r.Runner)).ToHashSet();
        Runner[] standby = [.. input.Fleet.Runners
            .Where(r => r is { State: RunnerState.Standby, Note.Retiring: null } && !leaving.Contains(r))];
        Runner[] tooMany =
        [
            .. standby.Where(r => r.Note.Waiting).OrderBy(r => r.Since).ThenBy(r => r.Slot)
                .Skip(room)
                .Where(r => !(r.Note.LeftAt > input.Now)),
        ];
        var pause = PauseOf(standby.Count(r => !r.Note.Waiting) + tooMany.Length);
        return [.. tooMany.Select(r => new ClaimPause(r, pause * Part(r.Slot)))];
    }

    private static TimeSpan PauseOf(int away)
    {
        var even = TimeSpan.FromSeconds(away / ReturnsPerSecond);
        return even < ShortestPause ? ShortestPause : even > LongestPause ? LongestPause : even;
    }

    /// <summary>From a half to the whole: those that leave together come back one by one.</summary>
    private static double Part(int slot) => 0.5 + (slot * GoldenRatio % 1 / 2);
}

/// <summary>A pod to be told when to come again.</summary>
internal readonly record struct ClaimPause(Runner Runner, TimeSpan After);
