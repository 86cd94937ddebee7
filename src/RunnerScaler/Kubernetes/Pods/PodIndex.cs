using System.Collections.Concurrent;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// The pods of each pool, so that a pass does not look through those of all others. One writes what is in a namespace;
/// anyone may read.
/// </summary>
internal sealed class PodIndex
{
    private readonly ConcurrentDictionary<PoolKey, ConcurrentDictionary<string, PodFacts>> pools = new();

    public IReadOnlyList<PodFacts> Of(PoolKey pool) => pools.TryGetValue(pool, out var pods) ? [.. pods.Values] : [];

    /// <summary>Takes what the cache tells of a pod: one change of it after the other.</summary>
    /// <param name="before">The pod as it was; null if it has appeared.</param>
    /// <param name="after">As it is; null if it has vanished.</param>
    public void Changed(PodFacts? before, PodFacts? after)
    {
        if (after is not null)
            pools.GetOrAdd(after.Pool, _ => new(StringComparer.Ordinal))[after.Uid] = after;
        if (before is not null && (before.Pool, before.Uid) != (after?.Pool, after?.Uid)
            && pools.TryGetValue(before.Pool, out var pods))
        {
            pods.TryRemove(before.Uid, out _);
            if (pods.IsEmpty)
                pools.TryRemove(before.Pool, out _);
        }
    }
}
