using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Queue;

/// <summary>
/// One listener for each scale set that a pool names, all in this process, started and stopped as pools come and go.
/// </summary>
internal sealed class ScaleSetReader(
    SetListeners listeners,
    IPoolStore pools,
    JobBoardStore board,
    Heartbeats beats,
    IScalerMetrics metrics,
    TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly AsyncAutoResetEvent poolsChanged = new(time);
    private readonly Dictionary<PoolKey, ListenedPool> heard = [];

    public async Task RunAsync(CancellationToken cancel)
    {
        void Wake(PoolKey pool) => poolsChanged.Set();
        pools.Changed += Wake;
        try
        {
            while (true)
            {
                beats.Beat(nameof(ScaleSetReader), Interval * 3);
                Adjust(cancel);
                foreach (var pool in heard.Values)
                    Measure(pool.Sets.Account);
                await poolsChanged.WaitAsync(Interval, cancel);
            }
        }
        finally
        {
            pools.Changed -= Wake;
            using (beats.Outside(nameof(ScaleSetReader), Interval))
                await Task.WhenAll(heard.Values.Select(p => p.EndAsync()));
            heard.Clear();
            beats.Stop(nameof(ScaleSetReader));
        }
    }

    private void Adjust(CancellationToken cancel)
    {
        var wanted = pools.Pools
            .Where(p => p.Pool is { Deleting: false, UsesScaleSets: true })
            .ToDictionary(p => p.Key, p => p.Pool!);
        foreach (var (key, pool) in heard.ToArray())
            if (!wanted.TryGetValue(key, out var now) || now.Account != pool.Sets.Account)
                Leave(key, pool);
        foreach (var (key, pool) in wanted)
        {
            if (!heard.TryGetValue(key, out var known))
                heard[key] = known = new(key, new PoolSets(pool.Account, board, time), listeners, poolsChanged);
            if (known.Sets.Account != pool.Account)
                continue;
            known.Sets.Resize(pool.MaxRunners);
            known.Listen([.. pool.Serves.Select(scope => (scope, SetOf(pool, scope)))], cancel);
        }
    }

    private static ScaleSet SetOf(Pool pool, Scope scope) => new(
        new RegistrationTarget(pool.Account, scope.Owner, scope.Repository), scope.ScaleSetName!, scope.RunnerGroup,
        pool.Labels);

    /// <summary>What was told of the pool holds until its sessions are closed.</summary>
    private void Leave(PoolKey key, ListenedPool pool)
    {
        pool.Listen([], CancellationToken.None);
        if (!pool.IsOver)
            return;
        heard.Remove(key);
        board.Observe(new JobObservation.AccountForgotten(pool.Sets.Account, time.GetUtcNow()));
        metrics.AccountForgotten(pool.Sets.Account);
    }

    private void Measure(AccountKey account)
    {
        if (board.Now.OldestReading(account) is { } oldest)
            metrics.BoardAge(account, time.GetUtcNow() - oldest);
        metrics.RepositoriesUnread(account, board.Now.Unread(account).Count());
    }
}
