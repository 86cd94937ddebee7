using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The pools as one replica sees them: a little late.</summary>
internal sealed class SimPoolStore(ReplicaDependencies around, SimApi api, SimProcess process) : IPoolStore
{
    private readonly Env env = around.Env;
    private readonly PoolObjects objects = around.Pools;

    public bool Synced { get; private set; }

    public ImmutableArray<PoolObject> Pools { get; private set; } = [];

    public event Action<PoolKey>? Changed;

    public void Start(CancellationToken cancel) =>
        process.Start("pool cache", () => SimPodStore.UntilCancelled(RunAsync(cancel)));

    public Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel)
    {
        var uid = Pools.FirstOrDefault(p => p.Key == pool)?.Uid;
        return api.SendAsync(
            new("patch", "runnerpools/status", pool.Namespace, pool.Name),
            () =>
            {
                if (objects.Find(pool) is { } found && found.Uid == uid)
                    objects.Status[pool] = report;
                return true;
            },
            _ => false,
            cancel);
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            var now = objects.Now;
            await Task.Delay(env.Weather.WatchLag * env.Random.NextDouble(), process.Clock, cancel);
            if (Synced ? api.Ask(Asked("watch")) : api.Ask(Asked("list")))
            {
                Show(now);
                Synced = true;
            }
            await Task.Delay(TimeSpan.FromSeconds(2), process.Clock, cancel);
        }
    }

    private static ApiRequest Asked(string verb) => new(verb, "runnerpools", "", "");

    private void Show(ImmutableArray<PoolObject> now)
    {
        if (now == Pools)
            return;
        var changed = now.Except(Pools).Concat(Pools.Except(now)).Select(p => p.Key).Distinct().ToArray();
        Pools = now;
        foreach (var pool in changed)
            Changed?.Invoke(pool);
    }
}
