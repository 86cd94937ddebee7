using RunnerScaler.Control.Work;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>
/// One replica's view of the pods: a list, then a watch whose events come late. When the watch breaks, the view stands
/// still until the next list, or, if the history still reaches back, until the watch goes on.
/// </summary>
internal sealed class PodCache(ReplicaDependencies around, SimApi api, SimProcess process, bool anyName)
{
    private static readonly ApiRequest Listing = new("list", "pods", "", "");
    private static readonly ApiRequest Watching = new("watch", "pods", "", "");

    private readonly Env env = around.Env;
    private readonly SimCluster cluster = around.Cluster;
    private readonly SortedDictionary<string, (StoredObject Item, PodFacts Facts)> view = new(StringComparer.Ordinal);
    private readonly AsyncAutoResetEvent bell = new(process.Clock);
    private long version;

    public event Action<PodFacts?, PodFacts?>? Changed;

    public bool Synced { get; private set; }

    public IEnumerable<PodFacts> All => view.Values.Select(p => p.Facts);

    public PodFacts? Find(string name) => view.TryGetValue(name, out var pod) ? pod.Facts : null;

    public async Task RunAsync(CancellationToken cancel)
    {
        var mustList = true;
        cluster.Changed += _ => bell.Set();
        while (true)
        {
            if (mustList)
                mustList = !await ListAsync(cancel);
            if (!mustList)
                mustList = !await WatchAsync(cancel);
            await Task.Delay(env.Between(0.2, 4), process.Clock, cancel);
        }
    }

    private async Task<bool> ListAsync(CancellationToken cancel)
    {
        var page = await api.SendAsync(Listing, () => cluster.Store.List(KnownTypes.Pods), _ => null!, cancel);
        if (page is null)
            return false;
        var listed = page.Items.Select(p => p.Name).ToHashSet();
        foreach (var gone in view.Keys.Where(name => !listed.Contains(name)).ToArray())
            Remove(gone);
        foreach (var item in page.Items)
            Put(item);
        version = page.Version;
        Synced = true;
        return true;
    }

    /// <returns>Whether the watch may go on where it broke off.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancel)
    {
        if (!api.Ask(Watching))
            return true;
        try
        {
            var cursor = cluster.Store.Watch(KnownTypes.Pods, null, version);
            var end = env.Now + (env.Weather.WatchLife * (0.2 + env.Random.NextDouble()));
            while (env.Now < end)
            {
                await bell.WaitAsync(TimeSpan.FromSeconds(30), cancel);
                var lag = env.Weather.WatchLag * (0.02 + (0.98 * env.Random.NextDouble()));
                await Task.Delay(lag, process.Clock, cancel);
                if (!Take(cursor, env.Random.Next(1, 6)))
                    bell.Set();
            }
            env.Faults.Met(FaultKind.WatchBroken);
            env.Say(process.Name, "watch breaks");
            return env.Random.Next(2) == 0;
        }
        catch (KubeFailure gone) when (gone.Code == 410)
        {
            env.Say(process.Name, "watch: 410");
            return false;
        }
    }

    /// <summary>Takes some of what has happened; the rest comes later.</summary>
    /// <returns>Whether that was all.</returns>
    private bool Take(WatchCursor cursor, int most)
    {
        for (; most > 0; most--)
        {
            if (!cursor.TryNext(out var next))
                return true;
            version = next.Item.Version;
            if (next.Kind == WatchEventKind.Deleted)
                Remove(next.Item.Name);
            else
                Put(next.Item);
        }
        return false;
    }

    private void Put(StoredObject item)
    {
        if (PodObjects.Facts(item, anyName) is not { } read)
            return;
        var before = view.TryGetValue(item.Name, out var known) ? known : default;
        var facts = FirstSeen.Note(before.Facts, read, process.Clock.GetUtcNow());
        if (before.Item?.Version == item.Version)
            return;
        view[item.Name] = (item, facts);
        Changed?.Invoke(before.Facts, facts);
    }

    private void Remove(string name)
    {
        if (view.Remove(name, out var gone))
            Changed?.Invoke(gone.Facts, null);
    }
}
