using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// A slot whose pods did not start lately: it may be the slot's own problem, such as its volume's, so other slots are
/// used first.
/// </summary>
/// <param name="Slot">The slot's number.</param>
/// <param name="Failures">How many of its pods in a row did not start; at least 1.</param>
/// <param name="FailedAt">When the last one was given up.</param>
/// <param name="Why">What is known of that one: a sentence without its full stop.</param>
internal sealed record SlotRest(int Slot, int Failures, DateTimeOffset FailedAt, string Why)
{
    /// <summary>No rest is longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    /// <summary>It doubles with each failure.</summary>
    public DateTimeOffset Until
    {
        get
        {
            var pause = First * Math.Pow(2, Math.Min(Failures - 1, 10));
            return FailedAt + (pause < Longest ? pause : Longest);
        }
    }

    /// <param name="pool">The pool of the slots.</param>
    /// <param name="resting">Those of its slots that rest now.</param>
    public static PoolCondition Condition(Pool pool, ImmutableArray<SlotRest> resting)
    {
        const string type = Conditions.SlotsResting;
        if (resting.IsEmpty)
            return new(type, false, "AllUsable", "The pods of all slots start.");
        var worst = resting.OrderByDescending(r => r.Failures).ThenBy(r => r.Slot).First();
        var others = resting.Length == 1
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" {resting.Length - 1} more slots rest.");
        var pod = Scaling.Pools.Slot.PodName(pool.Key.Name, worst.Slot);
        return new(type, true, "PodsDoNotStart", string.Create(
            CultureInfo.InvariantCulture,
            $"Slot {worst.Slot} rests until {worst.Until.UtcDateTime:u}, so that others are used first: its last "
            + $"{worst.Failures} pods did not start ({worst.Why}).{others} See the events of the pod '{pod}', and of "
            + $"its volume if it has one of its own."));
    }
}
