using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Watching;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>The <c>RunnerPool</c> objects at the API server.</summary>
internal sealed class PoolStore : IPoolStore
{
    private readonly Lock guard = new();
    private readonly NamespacedInformers<PoolEntry> watched;
    private readonly PoolStatusWriter status;
    private readonly PodDependencies around;
    private ImmutableArray<PoolObject> shown = [];

    /// <param name="api">The API server.</param>
    /// <param name="namespaces">The namespaces to watch; empty for all.</param>
    /// <param name="around">What shapes pods besides their pools; see <see cref="SurroundingsChanged"/>.</param>
    /// <param name="leader">Nothing is written without it.</param>
    /// <param name="settings">Times and sizes of the watch.</param>
    /// <param name="dependencies">What all informers share.</param>
    public PoolStore(
        ApiServer api,
        IEnumerable<string> namespaces,
        PodDependencies around,
        LeaderGate leader,
        WatchSettings settings,
        InformerDependencies dependencies)
    {
        this.around = around;
        watched = new NamespacedInformers<PoolEntry>(
            api,
            namespaces,
            only => new WatchTarget("runnerpools", ResourcePaths.Pools(only)),
            json => new PoolEntry(json),
            settings,
            dependencies);
        watched.Cache.Changed += Tell;
        status = new PoolStatusWriter(api, leader, Find, dependencies.Time, dependencies.Log);
    }

    public event Action<PoolKey>? Changed;

    public bool Synced => watched.Synced;

    /// <remarks>The same array until a pool changes, so that whoever compares it need not compute again.</remarks>
    public ImmutableArray<PoolObject> Pools
    {
        get
        {
            ImmutableArray<PoolObject> now = [.. watched.Cache.All.Select(e => At(e).Object).OrderBy(p => p.Key)];
            lock (guard)
                return shown = shown.AsSpan().SequenceEqual(now.AsSpan()) ? shown : now;
        }
    }

    /// <summary>Keeps the cache, and writes what could not be written at once, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] running = [watched.RunAsync(together.Token), status.RunAsync(together.Token)];
        await Task.WhenAny(running);
        await together.CancelAsync();
        await Task.WhenAll(running);
    }

    public Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel) =>
        status.ReportAsync(pool, report, cancel);

    /// <summary>The shape of the pool's pods; null if the pool is gone or has a problem.</summary>
    public PodTemplate? ShapeOf(PoolKey pool) => Find(pool) is { } entry ? At(entry).Shape : null;

    /// <summary>The uid of the pool; null if it is gone.</summary>
    public string? UidOf(PoolKey pool) => Find(pool)?.Uid;

    /// <summary>What shapes pods besides their pools has changed, or may have.</summary>
    public void SurroundingsChanged()
    {
        foreach (var entry in watched.Cache.All)
            if (entry.IsOutOfDate(around))
                Changed?.Invoke(entry.Key);
    }

    private PoolEntry? Find(PoolKey pool) => watched.Cache.Find(pool.Namespace, pool.Name);

    private (PoolObject Object, PodTemplate? Shape) At(PoolEntry entry) => entry.At(around);

    private void Tell(PoolEntry? before, PoolEntry? after)
    {
        if (before is not null && after is not null && before.SameSpec(after))
            after.TakeOver(before);
        else
            Changed?.Invoke((after ?? before)!.Key);
    }
}
