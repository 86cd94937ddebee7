using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The <c>RunnerPool</c> objects as they are, and the status that was written last.</summary>
internal sealed class PoolObjects
{
    public ImmutableArray<PoolObject> Now { get; private set; } = [];

    public Dictionary<PoolKey, PoolReport> Status { get; } = [];

    /// <summary>Tells of a pool that was changed, in the same step.</summary>
    public event Action<Pool?, Pool>? Changed;

    public PoolObject? Find(PoolKey key) => Now.FirstOrDefault(p => p.Key == key);

    public void Put(Pool pool)
    {
        var before = Find(pool.Key);
        var after = new PoolObject(pool.Key, (before?.Generation ?? 0) + 1, pool, null);
        Now = before is null ? Now.Add(after) : Now.Replace(before, after);
        Changed?.Invoke(before?.Pool, pool);
    }
}
