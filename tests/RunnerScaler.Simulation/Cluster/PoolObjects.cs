using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The <c>RunnerPool</c> objects as they are, and the status that was written last.</summary>
internal sealed class PoolObjects
{
    public ImmutableArray<PoolObject> Now { get; private set; } = [];

    /// <summary>Each pool's latest spec that broke no rule.</summary>
    public SortedDictionary<PoolKey, Pool> Specs { get; } = [];

    public Dictionary<PoolKey, PoolReport> Status { get; } = [];

    /// <summary>Tells of a pool that was changed, in the same step.</summary>
    public event Action<Pool?, Pool>? Changed;

    public PoolObject? Find(PoolKey key) => Now.FirstOrDefault(p => p.Key == key);

    public void Put(Pool pool)
    {
        Replace(pool.Key, pool, null);
        Changed?.Invoke(Specs.GetValueOrDefault(pool.Key), pool);
        Specs[pool.Key] = pool;
    }

    /// <summary>Somebody writes a spec that breaks a rule.</summary>
    public void Break(PoolKey key) => Replace(key, null, new(FaultReason.SpecInvalid, "a rule is broken"));

    private void Replace(PoolKey key, Pool? pool, Fault? fault)
    {
        var before = Find(key);
        var after = new PoolObject(key, (before?.Generation ?? 0) + 1, pool, fault);
        Now = before is null ? Now.Add(after) : Now.Replace(before, after);
    }
}
