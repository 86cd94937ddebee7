using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>Pools that need a pass.</summary>
internal sealed class PoolQueue(TimeProvider time)
{
    public WorkQueue<PoolKey> Keys { get; } = new(time);

    public void Add(PoolKey pool) => Keys.Add(pool);

    public void AddAfter(PoolKey pool, TimeSpan delay) => Keys.AddAfter(pool, delay);
}

/// <summary>Runners whose life needs a look.</summary>
internal sealed class RunnerQueue(TimeProvider time)
{
    public WorkQueue<RunnerKey> Keys { get; } = new(time);

    public void Add(RunnerKey runner) => Keys.Add(runner);
}

/// <summary>A runner, named by its slot.</summary>
internal readonly record struct RunnerKey(PoolKey Pool, int Slot)
{
    public string PodName => Scaling.Slot.PodName(Pool.Name, Slot);
}
