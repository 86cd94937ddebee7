using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// One delivery of a scale set's queue. It comes again until it is acknowledged.
/// </summary>
/// <param name="Id">Grows from delivery to delivery of a session.</param>
/// <param name="Events">What happened, in order; what is not known here is left out.</param>
/// <param name="Statistics">The totals after that; null if it has none.</param>
internal sealed record ScaleSetMessage(
    long Id, ImmutableArray<ScaleSetEvent> Events, ScaleSetStatistics? Statistics);

/// <summary>What GitHub counts of a scale set: levels, so that lost deliveries do no harm. None is negative.</summary>
/// <param name="Available">Jobs that match it and are not assigned to any set.</param>
/// <param name="Assigned">Jobs that are assigned to it and have not ended, running ones included.</param>
/// <param name="Running">Those of them that runners have.</param>
internal readonly record struct ScaleSetStatistics(int Available, int Assigned, int Running);

internal enum ScaleSetEventKind
{
    /// <summary>A job could be acquired for the set: GitHub Enterprise Servers assign none by themselves.</summary>
    Available,

    /// <summary>A job is the set's.</summary>
    Assigned,

    /// <summary>A runner of the set has a job.</summary>
    Started,

    /// <summary>A job has ended, or was taken back.</summary>
    Completed,
}

/// <summary>Something that happened to a job. All texts are bounded; what was not said is empty or null.</summary>
internal sealed record ScaleSetEvent
{
    public required ScaleSetEventKind Kind { get; init; }

    /// <summary>Names the job at its scale set. A job that is assigned again may have the same, or another.</summary>
    public required string Key { get; init; }

    /// <summary>By what it can be acquired; 0 where GitHub assigns jobs by itself.</summary>
    public long RequestId { get; init; }

    /// <summary>The job's id, as in GitHub's API; less than 0 if that was not told.</summary>
    public required long JobId { get; init; }

    public long RunId { get; init; }

    public string Owner { get; init; } = "";

    public string Repository { get; init; } = "";

    public string Name { get; init; } = "";

    public LabelSet Labels { get; init; } = LabelSet.Empty;

    public DateTimeOffset? QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? RunnerName { get; init; }

    /// <summary>How it ended: <c>succeeded</c>, <c>failed</c>, <c>canceled</c>, …</summary>
    public string? Result { get; init; }
}
