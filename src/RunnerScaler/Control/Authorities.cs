using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// Each pool as it last was valid: under whose authority its runners are. That does not end with a spec that breaks a
/// rule, or with the pool, while pods of it are left.
/// </summary>
internal sealed class Authorities(IPoolStore pools)
{
    private readonly ConcurrentDictionary<PoolKey, Pool> last = new();

    /// <summary>Null if there is no such pool, or if it was never valid.</summary>
    public Pool? Of(PoolKey key)
    {
        if (pools.Pools.FirstOrDefault(p => p.Key == key)?.Pool is not { } pool)
            return last.GetValueOrDefault(key);
        last[key] = pool;
        return pool;
    }

    /// <summary>Forgets the pools that are gone with all their pods.</summary>
    public void Prune(Func<PoolKey, bool> hasPods)
    {
        var there = pools.Pools.Select(p => p.Key).ToHashSet();
        foreach (var key in last.Keys)
            if (!there.Contains(key) && !hasPods(key))
                last.TryRemove(key, out _);
    }
}
