using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>
/// Whether a replica asks for a slot whose creation it has asked for and not seen yet. The server refuses the second
/// one; but who relies on that alone counts wrongly, and costs the server a request each time.
/// </summary>
internal sealed class CreationJournal(Env env, SimProcess process)
{
    /// <summary>Less than what <c>PendingWrites</c> waits for the watch to show what was made.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly Dictionary<(PoolKey, int), long> asked = [];

    /// <returns>What is wrong with asking now; null if nothing is.</returns>
    public string? Ask(PoolKey pool, int slot)
    {
        var now = env.Scheduler.Now;
        var twice = asked.TryGetValue((pool, slot), out var at) && now - at < Patience.Ticks;
        asked[(pool, slot)] = now;
        return twice
            ? $"{process.Name} asks for {pool.Name}-{slot} again {TimeSpan.FromTicks(now - at)} after it did"
            : null;
    }

    public void Concluded(PoolKey pool, int slot) => asked.Remove((pool, slot));

    /// <summary>A term begins: what was asked for in an earlier one is not known any more.</summary>
    public void Forget() => asked.Clear();

    /// <summary>Its cache has shown something in the slot.</summary>
    public void Seen(PodFacts pod) => asked.Remove((pod.Pool, pod.Slot));
}
