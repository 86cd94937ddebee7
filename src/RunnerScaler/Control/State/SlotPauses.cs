using System.Collections.Immutable;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// Slots whose pod the API server did not make: each is tried again after a pause of its own, so that the others go on.
/// </summary>
internal sealed class SlotPauses(TimeProvider time)
{
    internal static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Whatever the API server asks for.</summary>
    internal static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, ImmutableDictionary<int, SlotPause>> pauses = [];

    /// <summary>The pool's pauses, those that are over included: they tell how long the next one will be.</summary>
    public ImmutableDictionary<int, SlotPause> Of(PoolKey pool)
    {
        lock (guard)
            return pauses.GetValueOrDefault(pool) ?? ImmutableDictionary<int, SlotPause>.Empty;
    }

    /// <summary>The slot's pod was not made, or nobody knows.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="retryAfter">The pause that the API server asks for; else it doubles from try to try.</param>
    /// <returns>When to try again.</returns>
    public DateTimeOffset Put(PoolKey pool, int slot, TimeSpan? retryAfter)
    {
        lock (guard)
        {
            var known = pauses.GetValueOrDefault(pool) ?? ImmutableDictionary<int, SlotPause>.Empty;
            var tries = known.GetValueOrDefault(slot).Tries + 1;
            var pause = PauseAfter(tries, retryAfter);
            pauses[pool] = known.SetItem(slot, new(time.GetUtcNow() + pause, tries));
            return pauses[pool][slot].Until;
        }
    }

    /// <summary>The slot has a pod.</summary>
    public void Clear(PoolKey pool, int slot)
    {
        lock (guard)
            if (pauses.TryGetValue(pool, out var known))
                pauses[pool] = known.Remove(slot);
    }

    /// <summary>The pool's spec has changed, or it is gone.</summary>
    public void Forget(PoolKey pool)
    {
        lock (guard)
            pauses.Remove(pool);
    }

    /// <summary>What was refused is tried again after the pause that the API server asks for, within bounds.</summary>
    internal static ReconcileResult RetryAfter(Refusal? refusal) => ReconcileResult.Retry(
        refusal?.RetryAfter is { } asked ? asked < LongestAsked ? asked : LongestAsked : default);

    /// <param name="tries">How often it has failed in a row; 1 or more.</param>
    /// <param name="retryAfter">What the API server asks for.</param>
    internal static TimeSpan PauseAfter(int tries, TimeSpan? retryAfter)
    {
        var doubled = First * Math.Pow(2, Math.Min(tries - 1, 10));
        var pause = doubled < Longest ? doubled : Longest;
        var asked = retryAfter < LongestAsked ? retryAfter.Value : retryAfter is null ? TimeSpan.Zero : LongestAsked;
        return asked > pause ? asked : pause;
    }
}
