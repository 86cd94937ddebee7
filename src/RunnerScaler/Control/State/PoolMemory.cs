using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// What a term has learned of its pools' runners: all of it about one spec, and forgotten with that spec.
/// </summary>
internal sealed class PoolMemory(
    PoolHistory history, SlotHistory slots, SlotPauses pauses, Assignments assignments, TargetProblems problems)
{
    private readonly ConcurrentDictionary<PoolKey, (string Uid, long Generation)> specs = new();

    /// <summary>How its runners ended.</summary>
    public PoolHistory History => history;

    /// <summary>Whose pods do not start although those of others do.</summary>
    public SlotHistory Slots => slots;

    /// <summary>Whose pod could not be made.</summary>
    public SlotPauses Pauses => pauses;

    /// <summary>Which jobs GitHub gives to none of its runners.</summary>
    public Assignments Assignments => assignments;

    /// <summary>Where its runners could not be registered.</summary>
    public TargetProblems Problems => problems;

    /// <summary>A changed spec starts afresh: what failed before may have been fixed.</summary>
    public void See(PoolObject pool)
    {
        var now = (pool.Uid, pool.Generation);
        var before = specs.GetValueOrDefault(pool.Key, now);
        specs[pool.Key] = now;
        if (before != now)
            Unlearn(pool.Key);
    }

    /// <summary>The pool is gone.</summary>
    public void Forget(PoolKey pool)
    {
        specs.TryRemove(pool, out _);
        Unlearn(pool);
    }

    private void Unlearn(PoolKey pool)
    {
        history.Forget(pool);
        slots.Forget(pool);
        assignments.Forget(pool);
        pauses.Forget(pool);
        problems.Forget(pool);
    }
}
