using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The pools as one replica sees them: a little late.</summary>
internal sealed class SimPoolStore(Env env, PoolObjects objects, SimProcess process) : IPoolStore
{
    public bool Synced { get; private set; }

    public ImmutableArray<PoolObject> Pools { get; private set; } = [];

    public event Action<PoolKey>? Changed;

    public void Start(CancellationToken cancel) =>
        process.Start("pool cache", () => SimPodStore.UntilCancelled(RunAsync(cancel)));

    public async Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel) =>
        await env.Wire.SendAsync(
            w => w.Kubernetes, $"{process.Name}: status of {pool.Name}",
            () =>
            {
                objects.Status[pool] = report;
                return true;
            },
            _ => false,
            cancel);

    private async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            var now = objects.Now;
            await Task.Delay(env.Weather.WatchLag * env.Random.NextDouble(), process.Clock, cancel);
            Show(now);
            Synced = true;
            await Task.Delay(TimeSpan.FromSeconds(2), process.Clock, cancel);
        }
    }

    private void Show(ImmutableArray<PoolObject> now)
    {
        if (now == Pools)
            return;
        var changed = now.Where(p => !Pools.Contains(p)).Select(p => p.Key).ToArray();
        Pools = now;
        foreach (var pool in changed)
            Changed?.Invoke(pool);
    }
}
