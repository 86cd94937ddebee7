using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Tells a term's loops what the caches and the board show, from its beginning to its end.</summary>
internal sealed class Messenger(
    IPoolStore pools,
    IPodStore pods,
    LiveBoard board,
    PendingWrites pending,
    RunnerEnds ends,
    Queues queues,
    RunnerClock clock,
    Refusals refusals) : IDisposable
{
    /// <summary>Listens from now on; what is there already is looked at, too.</summary>
    public void Begin()
    {
        pods.Changed += OnPod;
        pools.Changed += queues.Pools.Add;
        board.Changed += OnBoard;
        refusals.Changed += OnRefusal;
        foreach (var pool in pools.Pools)
            queues.Pools.Add(pool.Key);
        foreach (var pod in pods.All)
            queues.Runners.Add(new(pod.Pool, pod.Slot));
    }

    public void Dispose()
    {
        pods.Changed -= OnPod;
        pools.Changed -= queues.Pools.Add;
        board.Changed -= OnBoard;
        refusals.Changed -= OnRefusal;
    }

    private void OnPod(PodFacts? before, PodFacts? after)
    {
        if (before is not null && before.Uid != after?.Uid)
        {
            ends.Vanished(before);
            clock.Gone(before);
        }
        if (after is not null)
            clock.Saw(after);
        var pod = (after ?? before)!;
        pending.Observed(pod.Pool, pod.Slot, pod.Uid);
        queues.Add(pod);
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
