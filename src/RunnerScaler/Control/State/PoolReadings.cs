using System.Collections.Concurrent;
using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>Each pool as its latest pass saw it.</summary>
internal sealed class PoolReadings
{
    private readonly ConcurrentDictionary<PoolKey, PoolReading> latest = new();

    /// <summary>In the order of the pools' names.</summary>
    public ImmutableArray<PoolReading> All => [.. latest.Values.OrderBy(p => p.Key)];

    public PoolReading? Of(PoolKey pool) => latest.GetValueOrDefault(pool);

    /// <returns>What was known before; null if nothing.</returns>
    public PoolReading? Note(PoolReading reading)
    {
        var before = Of(reading.Key);
        latest[reading.Key] = reading.After(before);
        return before;
    }

    /// <summary>The pool is gone.</summary>
    public void Forget(PoolKey pool) => latest.TryRemove(pool, out _);
}
