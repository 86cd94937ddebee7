using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Work;

/// <summary>What needs a look in this term.</summary>
internal sealed class Queues(TimeProvider time)
{
    /// <summary>Pools that need a pass.</summary>
    public WorkQueue<PoolKey> Pools { get; } = new(time);

    /// <summary>Runners whose life needs a look.</summary>
    public WorkQueue<RunnerKey> Runners { get; } = new(time);

    /// <summary>
    /// Something was learned of a pod's runner that may change what is to be done about it and its pool.
    /// </summary>
    public void Add(PodFacts pod)
    {
        Pools.Add(pod.Pool);
        Runners.Add(new(pod.Pool, pod.Slot));
    }
}

/// <summary>A runner, named by its slot.</summary>
internal readonly record struct RunnerKey(PoolKey Pool, int Slot)
{
    public string PodName => Scaling.Pools.Slot.PodName(Pool.Name, Slot);
}
