using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>Tells a term's loops what the caches and the board show, from its beginning to its end.</summary>
internal sealed class Messenger(
    IPoolStore pools,
    IPodStore pods,
    LiveBoard board,
    PendingWrites pending,
    RunnerReconciler runners,
    PoolQueue poolQueue,
    RunnerQueue runnerQueue,
    RunnerClock clock,
    Refusals refusals) : IDisposable
{
    /// <summary>Listens from now on; what is there already is looked at, too.</summary>
    public void Begin()
    {
        pods.Changed += OnPod;
        pools.Changed += poolQueue.Add;
        board.Changed += OnBoard;
        refusals.Changed += OnRefusal;
        foreach (var pool in pools.Pools)
            poolQueue.Add(pool.Key);
        foreach (var pod in pods.All)
            runnerQueue.Add(new(pod.Pool, pod.Slot));
    }

    public void Dispose()
    {
        pods.Changed -= OnPod;
        pools.Changed -= poolQueue.Add;
        board.Changed -= OnBoard;
        refusals.Changed -= OnRefusal;
    }

    private void OnPod(PodFacts? before, PodFacts? after)
    {
        if (before is not null && before.Uid != after?.Uid)
        {
            runners.Vanished(before);
            clock.Gone(before);
        }
        if (after is not null)
            clock.Saw(after);
        var pod = (after ?? before)!;
        pending.Observed(pod.Pool, pod.Slot, pod.Uid);
        poolQueue.Add(pod.Pool);
        runnerQueue.Add(new(pod.Pool, pod.Slot));
    }

    private void OnRefusal()
    {
        foreach (var pool in pools.Pools)
            poolQueue.Add(pool.Key);
    }

    private void OnBoard(AccountKey account)
    {
        foreach (var pool in pools.Pools)
            if (pool.Pool?.Account == account)
                poolQueue.Add(pool.Key);
    }
}
