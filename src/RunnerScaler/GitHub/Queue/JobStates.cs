using System.Collections.Frozen;
using System.Collections.Immutable;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Reads GitHub's words for the state of a job or run.</summary>
internal static class JobStates
{
    public const string Queued = "queued";
    public const string InProgress = "in_progress";
    public const string Waiting = "waiting";
    public const string Completed = "completed";

    /// <summary>The statuses of runs that have not ended, and by which GitHub lists them.</summary>
    public static readonly ImmutableArray<string> LiveRuns = [Queued, InProgress, Waiting, "pending", "requested"];

    private static readonly FrozenSet<string> Conclusions = FrozenSet.Create(
        "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required", "stale",
        "startup_failure");

    /// <summary>What a job's status means; null for none, or a word that is not known.</summary>
    public static JobState? Of(string? status) => status switch
    {
        Queued => JobState.Queued,
        InProgress => JobState.Running,
        Waiting or "pending" or "requested" or "action_required" => JobState.Blocked,
        Completed => JobState.Completed,
        _ => null,
    };

    /// <summary>Whether a run has a status that is not known: then it is taken to be live.</summary>
    public static bool IsUnknown(string? runStatus) => Of(runStatus) is null;

    public static bool IsUnknownConclusion(string? conclusion) =>
        conclusion is not null && !Conclusions.Contains(conclusion);

    /// <summary>
    /// Whether somebody without write access may have written what the run executes: it is for a
    /// <see href="https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories">pull
    /// request of a fork</see>. Those of <c>pull_request_target</c> and the like count too: they often build its head.
    /// </summary>
    public static bool IsFromFork(RunData run) =>
        run.Event?.StartsWith("pull_request", StringComparison.Ordinal) == true
        && run.Repository is { } own
        && run.HeadRepository?.Id != own.Id;

    /// <summary>
    /// Makes a job of what GitHub reports. One of unknown status is queued, unless a runner has it: a runner too many
    /// goes by itself, a job that is not counted waits for ever.
    /// </summary>
    /// <param name="data">What GitHub reports.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="now">Stands in for a missing time of creation.</param>
    public static Job ToJob(JobData data, RepositoryKey repository, DateTimeOffset now)
    {
        var runner = string.IsNullOrWhiteSpace(data.RunnerName) ? null : data.RunnerName;
        var state = Of(data.Status) ?? (runner is null ? JobState.Queued : JobState.Running);

        // A queued job, and one that was cancelled in the queue, has a started_at too: that of its creation.
        var began = state == JobState.Running || (state == JobState.Completed && runner is not null);
        return new Job
        {
            Id = data.Id,
            RunId = data.RunId,
            RunAttempt = data.RunAttempt ?? 1,
            Repository = repository,
            Name = data.Name ?? "",
            Workflow = data.WorkflowName ?? "",
            Labels = LabelSet.Of(data.Labels ?? []),
            State = state,
            QueuedAt = Later(data.CreatedAt, began ? null : data.StartedAt) ?? data.StartedAt ?? now,
            StartedAt = began ? data.StartedAt : null,
            CompletedAt = state == JobState.Completed ? data.CompletedAt : null,
            Conclusion = state == JobState.Completed ? data.Conclusion : null,
            RunnerName = runner,
        };
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;
}
