using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Explaining;

/// <summary>A part of a job's way to its end.</summary>
/// <param name="Name">One of the words of <see cref="JobTrace"/>.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended: later than it began.</param>
internal readonly record struct TraceSpan(string Name, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The image build that it is; null if it is none.</summary>
    public Build? Build { get; init; }
}

/// <summary>
/// The way of a job from the queue to its end, in parts that follow one another: <c>detect</c> (until we knew of it),
/// <c>create</c> (until its pod stood at the API server), <c>schedule</c> (until the pod had a node), <c>start</c>
/// (until its container ran), <c>builder</c> (until its builder listened), <c>claim</c> (until it asked for its
/// registration), <c>register</c> (until GitHub had given it), <c>assign</c> (until the job began there), <c>run</c>.
/// What a pod did before the job was queued is no
/// part of it; what nobody knows is left out. The times are by several clocks: none begins before the one before it
/// ended.
/// </summary>
/// <param name="Root">The whole, <c>job</c>.</param>
/// <param name="Parts">The parts, in order.</param>
/// <param name="Builds">The image builds, <c>build</c>: within the last part, and as they were, also at once.</param>
/// <param name="Attributes">
/// What it was, by the names of
/// <see href="https://opentelemetry.io/docs/specs/semconv/registry/attributes/">OpenTelemetry's conventions</see> where
/// there are any. What others wrote is bounded, and on one line.
/// </param>
/// <param name="Failed">Whether the job ended without success.</param>
internal sealed record JobTrace(
    TraceSpan Root,
    ImmutableArray<TraceSpan> Parts,
    ImmutableArray<TraceSpan> Builds,
    ImmutableArray<(string Name, object Value)> Attributes,
    bool Failed)
{
    /// <summary>
    /// The whole of the trace alone, for who is to say first whether the rest is wanted; null if the job's end is not
    /// known.
    /// </summary>
    public static TraceSpan? RootOf(EndedRunner runner) =>
        runner.Job is { CompletedAt: { } end } job && end > job.QueuedAt
            ? new TraceSpan("job", job.QueuedAt, end)
            : null;

    /// <summary>The trace of the job that a runner had; null if its end is not known.</summary>
    public static JobTrace? Of(EndedRunner runner) => RootOf(runner) is { } root && runner.Job is { } job
        ? new(
            root,
            [.. PartsOf(runner, job, root.To)],
            [.. BuildsOf(runner, job.StartedAt ?? job.QueuedAt, root.To)],
            [.. AttributesOf(runner, job)],
            job.Conclusion is not ("success" or "skipped" or "neutral"))
        : null;

    private static IEnumerable<TraceSpan> PartsOf(EndedRunner runner, Job job, DateTimeOffset end)
    {
        var at = job.QueuedAt;
        foreach (var (name, from, to) in Steps(runner, job))
        {
            var begin = from > at ? from.Value : at;
            if (to is not { } known || known <= begin || begin >= end)
                continue;
            at = known < end ? known : end;
            yield return new(name, begin, at);
        }
    }

    /// <summary>A job writes these itself: what is not within its own time is cut off.</summary>
    private static IEnumerable<TraceSpan> BuildsOf(EndedRunner runner, DateTimeOffset start, DateTimeOffset end)
    {
        foreach (var build in runner.Builds)
        {
            if (build.BeganAt is not { } began)
                continue;
            var (from, to) = (began > start ? began : start, began + build.Time);
            to = to < end ? to : end;
            if (from < to)
                yield return new("build", from, to) { Build = build };
        }
    }

    /// <summary>When each part began, where that is not the end of the one before it, and ended.</summary>
    private static (string Name, DateTimeOffset? From, DateTimeOffset? To)[] Steps(EndedRunner runner, Job job) =>
    [
        ("detect", null, runner.JobSeenAt),
        ("create", null, runner.CreatedAt),
        ("schedule", runner.CreatedAt, runner.ScheduledAt),
        ("start", runner.ScheduledAt, runner.StartedAt),
        ("builder", runner.StartedAt, Earlier(runner.StartedAt + runner.BuilderTook, runner.ClaimedAt)),
        ("claim", runner.StartedAt, runner.ClaimedAt),
        ("register", runner.Grant?.At, runner.RegisteredAt),
        ("assign", runner.RegisteredAt, job.StartedAt),
        ("run", job.StartedAt, job.CompletedAt),
    ];

    /// <summary>A job can write how long its builder took: what comes after it does not depend on that.</summary>
    private static DateTimeOffset? Earlier(DateTimeOffset? told, DateTimeOffset? known) =>
        known < told ? known : told;

    private static IEnumerable<(string Name, object Value)> AttributesOf(EndedRunner runner, Job job)
    {
        if (job.HasId)
            yield return ("cicd.pipeline.task.run.id", job.Id.ToString(CultureInfo.InvariantCulture));
        if (job.HasRun)
            yield return ("cicd.pipeline.run.id", job.RunId.ToString(CultureInfo.InvariantCulture));
        yield return ("cicd.pipeline.task.name", Wording.Name(job.Name));
        yield return ("cicd.pipeline.task.run.url.full", Wording.Url(job));
        yield return ("cicd.pipeline.task.run.result", Wording.Name(job.Conclusion ?? "unknown"));
        yield return ("vcs.repository.name", Wording.Name(job.Repository.ToString()));
        yield return ("k8s.namespace.name", runner.Pool.Namespace);
        yield return ("k8s.pod.name", runner.Pod);
        yield return ("k8s.pod.uid", runner.PodUid);
        if (runner.Node is { } node)
            yield return ("k8s.node.name", Wording.Name(node));
        yield return ("runnerscaler.pool", runner.Pool.Name);
        yield return ("runnerscaler.outcome", runner.Outcome.ToString());
        yield return ("runnerscaler.run_attempt", job.RunAttempt);
        yield return ("runnerscaler.standby", runner.ClaimedAt <= job.QueuedAt);
        yield return ("runnerscaler.builds", runner.Builds.Length);
        if (runner.Builds is [_, ..])
            yield return ("runnerscaler.build_seconds", runner.Builds.Sum(b => b.Time.TotalSeconds));
    }
}
