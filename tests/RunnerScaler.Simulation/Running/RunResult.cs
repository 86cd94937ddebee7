using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Running;

/// <param name="Plain">No faults, one replica, one pool.</param>
/// <param name="Mutation">A rule that is broken on purpose.</param>
/// <param name="Trace">Where the history goes; null for one of its own.</param>
internal sealed record RunSettings(bool Plain = false, Mutation Mutation = Mutation.None, Trace? Trace = null);

/// <summary>What became of a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Failure">The promise that broke; null if all were kept.</param>
/// <param name="Hash">Over the whole history.</param>
internal sealed record RunResult(int Seed, Failure? Failure, ulong Hash)
{
    public RunSettings Settings { get; init; } = new();

    public required TimeSpan Elapsed { get; init; }

    public required long Steps { get; init; }

    /// <summary>Jobs that our runners ran.</summary>
    public required int Jobs { get; init; }

    public required int JitCalls { get; init; }

    public required int Pods { get; init; }

    /// <summary>Pods that ended without having had a job.</summary>
    public required int Surplus { get; init; }

    public required int NamesReused { get; init; }

    public required int Faults { get; init; }

    /// <summary>How often each kind of fault was met.</summary>
    public required FaultCounts Kinds { get; init; }
}
