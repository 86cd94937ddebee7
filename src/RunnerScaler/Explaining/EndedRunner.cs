using System.Collections.Immutable;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Explaining;

/// <summary>
/// A runner whose life is over, as it is remembered. Times are by our clock where nothing else is said.
/// </summary>
internal sealed record EndedRunner
{
    public required PoolKey Pool { get; init; }

    /// <summary>The pod's name; another pod may bear it by now.</summary>
    public required string Pod { get; init; }

    public required string PodUid { get; init; }

    public string? Node { get; init; }

    /// <summary>The identity that it had; null if it never had one.</summary>
    public Grant? Grant { get; init; }

    /// <summary>The job that it had, as GitHub told of it last; null while it has not.</summary>
    public Job? Job { get; init; }

    /// <summary>When this process first knew of that job; null if it did not.</summary>
    public DateTimeOffset? JobSeenAt { get; init; }

    public required OutcomeKind Outcome { get; init; }

    /// <summary>How it ended, for people.</summary>
    public required string Sentence { get; init; }

    /// <summary>When its pod was first seen.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>When its pod was made, by the API server's clock; null if that is not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <inheritdoc cref="PodFacts.ScheduledAt"/>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <inheritdoc cref="PodFacts.StartedAt"/>
    public DateTimeOffset? StartedAt { get; init; }

    /// <inheritdoc cref="PodExit.BuilderTook"/>
    public TimeSpan? BuilderTook { get; init; }

    /// <summary>When it first claimed; null if it never did, or if another process heard of it.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>When GitHub registered it; null if it never did, or if another process had it done.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>The image builds of its job.</summary>
    public ImmutableArray<Build> Builds { get; init; } = [];

    /// <summary>What is remembered of a runner whose pod is gone.</summary>
    public static EndedRunner Of(Runner runner, PodFacts pod, RunnerOutcome outcome, DateTimeOffset now) => new()
    {
        Pool = runner.Pool,
        Pod = Slot.PodName(runner.Pool.Name, runner.Slot),
        PodUid = pod.Uid,
        Node = pod.Node,
        Grant = runner.Grant,
        Job = runner.Job,
        Outcome = outcome.Kind,
        Sentence = pod.Exit?.Outcome == ExitOutcome.JobInterrupted
            ? EndNotes.OnInterrupted(runner)
            : EndNotes.On(runner, outcome.Kind),
        SeenAt = pod.Seen.Pod,
        CreatedAt = pod.CreatedAt,
        ScheduledAt = pod.ScheduledAt,
        StartedAt = pod.StartedAt,
        BuilderTook = pod.Exit?.BuilderTook,
        Builds = pod.Exit?.Builds ?? [],
        ClaimedAt = runner.Note.ClaimedAt,
        RegisteredAt = runner.Note.RegisteredAt,
        EndedAt = now,
    };

    /// <summary>
    /// Whether it is the runner that this job had: anybody's runner can bear any name where it is not registered.
    /// </summary>
    public bool Had(AccountKey account, Job job) =>
        Grant is { } grant
        && grant.RunnerName == job.RunnerName
        && grant.Target.Account == account
        && grant.Target.Owner == job.Repository.Owner
        && (grant.Target.Repository is null || grant.Target.Repository == job.Repository.Name);
}
