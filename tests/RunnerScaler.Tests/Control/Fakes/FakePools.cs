using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>The pools of a cluster in memory.</summary>
internal sealed class FakePools : IPoolStore
{
    public event Action<PoolKey>? Changed;

    public bool Synced => true;

    public ImmutableArray<PoolObject> Pools { get; private set; } = [];

    /// <summary>The statuses that were written.</summary>
    public List<PoolReport> Reports { get; } = [];

    /// <summary>Whether a status can be written.</summary>
    public bool Writes { get; set; } = true;

    public void Put(Pool pool, long generation = 1) => Put(new PoolObject(pool.Key, generation, pool, null));

    public void Put(PoolObject pool)
    {
        Pools = [.. Pools.Where(p => p.Key != pool.Key), pool];
        Changed?.Invoke(pool.Key);
    }

    public void Remove(PoolKey key)
    {
        Pools = [.. Pools.Where(p => p.Key != key)];
        Changed?.Invoke(key);
    }

    public Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel)
    {
        if (Writes)
            Reports.Add(report);
        return Task.FromResult(Writes);
    }
}
