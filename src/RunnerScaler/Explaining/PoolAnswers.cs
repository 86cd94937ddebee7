using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Explaining;

/// <summary>What is told of a pool.</summary>
internal sealed record PoolAnswer
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Summary { get; init; }

    /// <summary>When its latest pass was.</summary>
    public required DateTimeOffset At { get; init; }

    public int? MaxRunners { get; init; }

    public ImmutableArray<string> Labels { get; init; } = [];

    public required CountsAnswer Runners { get; init; }

    public required QueueAnswer Jobs { get; init; }

    public required ImmutableArray<ConditionAnswer> Conditions { get; init; }

    /// <summary>What its jobs wait for, the most frequent first.</summary>
    public required ImmutableArray<ReasonAnswer> Waiting { get; init; }

    /// <summary>Its oldest waiting jobs; not all if there are many.</summary>
    public required ImmutableArray<QueuedAnswer> Queue { get; init; }

    /// <summary>Its pods; not all if there are many.</summary>
    public required ImmutableArray<PodLink> Pods { get; init; }

    /// <summary>Its runners that ended last.</summary>
    public required ImmutableArray<EndAnswer> Ended { get; init; }
}

/// <summary>All pools that the reader may be told of.</summary>
internal sealed record PoolsAnswer(ImmutableArray<PoolLink> Pools);

/// <summary>A pool in a list.</summary>
internal sealed record PoolLink(string Namespace, string Name, string Summary, CountsAnswer Runners, QueueAnswer Jobs);

/// <summary>Runners by state.</summary>
internal sealed record CountsAnswer(int Starting, int Standby, int Registered, int Busy, int Finishing);

/// <summary>Jobs of a pool.</summary>
/// <param name="Queued">Those that it is to serve.</param>
/// <param name="Running">Those that its runners have.</param>
/// <param name="Unserved">Those of the queued ones that no runner is on its way for.</param>
/// <param name="OldestWaitSeconds">How long the oldest of them has waited.</param>
internal sealed record QueueAnswer(int Queued, int Running, int Unserved, int OldestWaitSeconds);

/// <summary>A condition of a pool.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">One sentence.</param>
/// <param name="IsBad">Whether a person should look.</param>
internal sealed record ConditionAnswer(string Type, string Status, string Reason, string Message, bool IsBad);

/// <summary>How many jobs of a pool wait for a reason.</summary>
/// <param name="Reason">The code.</param>
/// <param name="Count">How many.</param>
/// <param name="Sentence">What the oldest of them waits for.</param>
/// <param name="Remedy">What to change, or that nothing need be.</param>
internal sealed record ReasonAnswer(WaitReason Reason, int Count, string Sentence, string Remedy);

/// <summary>A waiting job in a list.</summary>
internal sealed record QueuedAnswer(JobLink Job, WaitReason Reason, DateTimeOffset QueuedAt);

/// <summary>A pod in a list.</summary>
internal sealed record PodLink(string Name, RunnerState State, DateTimeOffset Since, string? Node, JobLink? Job);
