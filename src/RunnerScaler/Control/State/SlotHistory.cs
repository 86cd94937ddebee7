using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>Which slots' pods do not start, although those of others do.</summary>
internal sealed class SlotHistory(TimeProvider time)
{
    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, Past> pools = [];

    /// <summary>A runner has ended; told once for each.</summary>
    /// <param name="runner">The runner.</param>
    /// <param name="outcome">How.</param>
    /// <param name="why">What is known of it: a sentence without its full stop.</param>
    /// <returns>Whether its end is the slot's own matter: other slots' pods start.</returns>
    public bool Ended(Runner runner, OutcomeKind outcome, string why)
    {
        lock (guard)
        {
            if (Started(runner))
            {
                PastOf(runner.Pool).Started(runner, time.GetUtcNow());
                return false;
            }
            // What is evicted or not taken by a node is made again where it was.
            return CreateBackoff.IsFailure(outcome)
                && PastOf(runner.Pool).Failed(runner.Slot, time.GetUtcNow(), why);
        }
    }

    /// <summary>The pod of a slot could not even be created.</summary>
    public void Refused(PoolKey pool, int slot, string why)
    {
        lock (guard)
            PastOf(pool).Failed(slot, time.GetUtcNow(), why);
    }

    /// <summary>The slots that rest now, by number; takes note of those whose pods have started.</summary>
    public ImmutableArray<SlotRest> Observe(PoolKey pool, Fleet fleet)
    {
        var now = time.GetUtcNow();
        lock (guard)
        {
            var past = PastOf(pool);
            foreach (var runner in fleet.Runners)
                if (Started(runner))
                    past.Started(runner, now);
            return past.Resting(now);
        }
    }

    /// <summary>The pool's spec has changed, or it is gone: earlier failures say nothing any more.</summary>
    public void Forget(PoolKey pool)
    {
        lock (guard)
            pools.Remove(pool);
    }

    private static bool Started(Runner runner) =>
        runner.Note.ClaimedAt is not null || runner.Grant is not null || runner.Pod?.Exit?.RanJob == true;

    private Past PastOf(PoolKey pool)
    {
        if (!pools.TryGetValue(pool, out var past))
            pools[pool] = past = new Past();
        return past;
    }

    private sealed class Past
    {
        private readonly Dictionary<int, SlotRest> failed = [];
        private readonly Dictionary<int, (string? Uid, DateTimeOffset At)> started = [];

        /// <summary>Slots that failed since a pod of the pool last started: more than one: it is the pool.</summary>
        private readonly HashSet<int> sinceStart = [];

        public void Started(Runner runner, DateTimeOffset now)
        {
            if (started.GetValueOrDefault(runner.Slot).Uid is { } known && known == runner.Pod?.Uid)
                return;
            started[runner.Slot] = (runner.Pod?.Uid, now);
            failed.Remove(runner.Slot);
            sinceStart.Clear();
        }

        public bool Failed(int slot, DateTimeOffset now, string why)
        {
            sinceStart.Add(slot);
            failed[slot] = new(slot, (failed.GetValueOrDefault(slot)?.Failures ?? 0) + 1, now, why);
            return sinceStart.Count == 1
                && started.Any(s => s.Key != slot && now - s.Value.At < CreateBackoff.Memory);
        }

        public ImmutableArray<SlotRest> Resting(DateTimeOffset now) =>
            failed.Count == 0 ? [] : [.. failed.Values.Where(f => f.Until > now).OrderBy(f => f.Slot)];
    }
}
