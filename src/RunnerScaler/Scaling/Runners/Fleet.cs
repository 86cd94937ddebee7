using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// All runners of a pool, plus our creations that the watch has not shown yet. A slot has at most one.
/// </summary>
internal sealed class Fleet
{
    private readonly Dictionary<int, Runner> bySlot;

    private Fleet(Dictionary<int, Runner> bySlot)
    {
        this.bySlot = bySlot;
        Runners = [.. bySlot.Values.OrderBy(r => r.Slot)];
    }

    /// <summary>In the order of their slots.</summary>
    public ImmutableArray<Runner> Runners { get; }

    public int Count => bySlot.Count;

    /// <param name="pods">The pods that the watch shows.</param>
    /// <param name="pending">Our creations. A pod in the same slot makes one moot.</param>
    /// <param name="notes">What we know of a pod, by its uid.</param>
    /// <param name="poolOf">The pool that a pod was made for; null if it is not known, or was never valid.</param>
    /// <param name="board">Says which runner has which job.</param>
    public static Fleet Of(
        IEnumerable<PodFacts> pods, IEnumerable<PendingCreate> pending, Func<string, RunnerNote> notes,
        Func<PodFacts, Pool?> poolOf, JobBoard board)
    {
        var bySlot = new Dictionary<int, Runner>();
        foreach (var create in pending)
            bySlot[create.Slot] = create.AsRunner();
        foreach (var pod in pods)
            bySlot[pod.Slot] = Runner.Of(pod, notes(pod.Uid), poolOf(pod), board);
        return new(bySlot);
    }

    /// <summary>The free slots below <paramref name="max"/>, the lowest first.</summary>
    public IEnumerable<int> FreeSlots(int max)
    {
        for (var slot = 0; slot < max; slot++)
            if (!bySlot.ContainsKey(slot))
                yield return slot;
    }

    /// <summary>The same, but those that rest come last, and of them those that failed longest ago first.</summary>
    public IEnumerable<int> FreeSlots(int max, ImmutableArray<SlotRest> resting)
    {
        if (resting.IsEmpty)
            return FreeSlots(max);
        var tired = resting.ToDictionary(r => r.Slot);
        return FreeSlots(max).Where(slot => !tired.ContainsKey(slot)).Concat(resting
            .Where(r => r.Slot < max && !bySlot.ContainsKey(r.Slot))
            .OrderBy(r => r.FailedAt).ThenBy(r => r.Slot)
            .Select(r => r.Slot));
    }

    public RunnerCounts Counts()
    {
        var of = Runners.CountBy(r => r.State).ToDictionary();
        return new(
            of.GetValueOrDefault(RunnerState.Starting), of.GetValueOrDefault(RunnerState.Standby),
            of.GetValueOrDefault(RunnerState.Registered), of.GetValueOrDefault(RunnerState.Busy),
            of.GetValueOrDefault(RunnerState.Finished) + of.GetValueOrDefault(RunnerState.Lost));
    }
}

/// <summary>A creation that was decided and that the watch has not shown yet.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Slot">The slot that it takes.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Hidden">
/// The API server says that the slot's pod exists, but the watch does not show it: somebody else's pod has the name.
/// </param>
internal sealed record PendingCreate(PoolKey Pool, int Slot, DateTimeOffset At, bool Hidden)
{
    public Runner AsRunner() => new()
    {
        Pool = Pool,
        Slot = Slot,
        State = Hidden ? RunnerState.Lost : RunnerState.Starting,
        Since = At,
    };
}
