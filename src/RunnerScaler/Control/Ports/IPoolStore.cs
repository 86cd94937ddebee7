using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Ports;

/// <summary>The <c>RunnerPool</c> objects: a cache that a watch keeps, and their status.</summary>
internal interface IPoolStore
{
    /// <summary>Whether the cache has been filled once.</summary>
    bool Synced { get; }

    /// <summary>All pools now known.</summary>
    ImmutableArray<PoolObject> Pools { get; }

    /// <summary>Tells of every pool that appeared, changed in spec, or vanished.</summary>
    event Action<PoolKey> Changed;

    /// <summary>Writes the status if it differs from what the cache shows. False if it was not possible.</summary>
    Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel);
}

/// <summary>A <c>RunnerPool</c> as it stands in the cluster.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Generation">The generation of the spec that was read.</param>
/// <param name="Pool">The spec; null if it breaks a rule, or if the cluster cannot run such pods.</param>
/// <param name="Problem">The rule that it breaks, or what the cluster lacks.</param>
internal sealed record PoolObject(PoolKey Key, long Generation, Pool? Pool, Problem? Problem)
{
    /// <summary>Its uid: one that is deleted and made again under the same name is another pool.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What the adapter has to say besides; shown with the conditions of the pass.</summary>
    public ImmutableArray<PoolCondition> Notices { get; init; } = [];
}
