using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Tells a term's loops what the caches and the board show, from its beginning to its end.</summary>
internal sealed class Messenger(
    IPoolStore pools,
    IPodStore pods,
    JobBoardStore board,
    RunnerNews news,
    Queues queues,
    Refusals refusals) : IDisposable
{
    /// <summary>Listens from now on; what is there already is looked at, too.</summary>
    public void Begin()
    {
        pods.Changed += news.Changed;
        pools.Changed += queues.Pools.Add;
        board.Changed += OnBoard;
        refusals.Changed += OnRefusal;
        foreach (var pool in pools.Pools)
            queues.Pools.Add(pool.Key);
        foreach (var pod in pods.All)
            news.Consider(pod);
    }

    public void Dispose()
    {
        pods.Changed -= news.Changed;
        pools.Changed -= queues.Pools.Add;
        board.Changed -= OnBoard;
        refusals.Changed -= OnRefusal;
    }

    private void OnRefusal()
    {
        foreach (var pool in pools.Pools)
            queues.Pools.Add(pool.Key);
    }

    private void OnBoard(AccountKey account)
    {
        foreach (var pool in pools.Pools)
            if (pool.Pool?.Account == account)
                queues.Pools.Add(pool.Key);
    }
}
