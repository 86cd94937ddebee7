using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Explaining;

/// <summary>What is told of a job; <c>docs/explain.md</c> has the fields of this and of all other answers.</summary>
internal sealed record JobAnswer
{
    public required long Id { get; init; }

    public required long RunId { get; init; }

    public int RunAttempt { get; init; }

    public required string Repository { get; init; }

    public required string Name { get; init; }

    public required string Url { get; init; }

    public required ImmutableArray<string> Labels { get; init; }

    public required JobState State { get; init; }

    /// <summary>The answer in a sentence.</summary>
    public required string Summary { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public string? Conclusion { get; init; }

    /// <summary>When GitHub was last asked about it; null if it is known from a runner that ended.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The pool that serves it, as <c>NAMESPACE/NAME</c>; null if none does.</summary>
    public string? Pool { get; init; }

    /// <summary>The pool that comes nearest, if none serves it, and what it lacks.</summary>
    public NearestAnswer? Nearest { get; init; }

    public PlaceAnswer? Place { get; init; }

    /// <summary>What it waits for now; null if it does not wait.</summary>
    public WaitAnswer? Waits { get; init; }

    /// <summary>The pod that has it, or stands for it now: pods are not bound to jobs before GitHub assigns
    /// them.</summary>
    public PodAnswer? Pod { get; init; }

    public EstimateAnswer? Estimate { get; init; }

    /// <summary>How its runner ended; null while it has not, or if that is not known.</summary>
    public EndAnswer? Ended { get; init; }
}

/// <summary>The pool that comes nearest to a job that none serves.</summary>
/// <param name="Pool">As <c>NAMESPACE/NAME</c>; null if no pool has any of the labels.</param>
/// <param name="Labels">The labels that it lacks.</param>
internal sealed record NearestAnswer(string? Pool, ImmutableArray<LabelAnswer> Labels);

/// <summary>A label that the nearest pool lacks, and who has it or one like it.</summary>
internal sealed record LabelAnswer(string Label, string Says);

/// <summary>A place in the queue of a pool, the oldest job first; the next is 1.</summary>
internal sealed record PlaceAnswer(int Position, int Of);

/// <summary>What a job waits for.</summary>
/// <param name="Reason">The code; null for what is no matter of runners.</param>
/// <param name="Since">Since when for this reason, as far as this process has seen.</param>
/// <param name="Until">When it is tried again at the latest; null if nobody knows.</param>
/// <param name="Sentence">The same for people.</param>
/// <param name="Remedy">What to change, or that nothing need be.</param>
internal sealed record WaitAnswer(
    WaitReason? Reason, DateTimeOffset? Since, DateTimeOffset? Until, string Sentence, string Remedy);

/// <summary>How long it will probably take, and how anybody knows.</summary>
/// <param name="Seconds">From now.</param>
/// <param name="Basis">What that is made from: a sentence.</param>
internal sealed record EstimateAnswer(int Seconds, string Basis);

/// <summary>What keeps a pod from starting.</summary>
/// <param name="Code">Kubernetes' word.</param>
/// <param name="Sentence">What is known of it.</param>
/// <param name="Remedy">What to change.</param>
internal sealed record TroubleAnswer(string Code, string Sentence, string Remedy);

/// <summary>How a runner ended.</summary>
internal sealed record EndAnswer(
    string Pool, string Pod, string? RunnerName, OutcomeKind Outcome, string Sentence, DateTimeOffset SeenAt,
    DateTimeOffset? ClaimedAt, DateTimeOffset? RegisteredAt, DateTimeOffset EndedAt, JobLink? Job);

/// <summary>Names a job.</summary>
internal sealed record JobLink(long Id, string Repository, string Name, string Url);

/// <summary>What is told of a run: of its jobs those that the reader may be told of.</summary>
internal sealed record RunAnswer(
    long Id, string Repository, string Url, string Summary, ImmutableArray<JobAnswer> Jobs, int MoreJobs);

/// <summary>What is told of a pod of a pool.</summary>
internal sealed record PodAnswer
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>As <c>NAMESPACE/NAME</c>.</summary>
    public required string Pool { get; init; }

    /// <summary>Where its runner is in its life; null if it is over.</summary>
    public RunnerState? State { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required string Summary { get; init; }

    public string? Node { get; init; }

    public string? RunnerName { get; init; }

    /// <summary>When it was first seen; null while the API server has not shown it.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    public DateTimeOffset? ScheduledAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    public DateTimeOffset? RegisteredAt { get; init; }

    public JobLink? Job { get; init; }

    public TroubleAnswer? Trouble { get; init; }

    /// <summary>How the last runner of this pod's name ended.</summary>
    public EndAnswer? Ended { get; init; }
}
