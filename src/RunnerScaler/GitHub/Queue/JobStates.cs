using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Reads GitHub's words for the state of a job or run.</summary>
internal static class JobStates
{
    public const string Queued = "queued";
    public const string InProgress = "in_progress";
    public const string Waiting = "waiting";
    public const string Completed = "completed";

    /// <summary>What a job's status means; null for a word that is not known, which is no demand.</summary>
    public static JobState? Of(string? status) => status switch
    {
        Queued => JobState.Queued,
        InProgress => JobState.Running,
        Waiting or "pending" or "requested" => JobState.Blocked,
        Completed => JobState.Completed,
        _ => null,
    };

    /// <summary>
    /// Whether somebody without write access may have written what the run executes: it is for a
    /// <see href="https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories">pull
    /// request of a fork</see>. Those of <c>pull_request_target</c> and the like count too: they often build its head.
    /// </summary>
    public static bool IsFromFork(RunData run) =>
        run.Event?.StartsWith("pull_request", StringComparison.Ordinal) == true
        && run.Repository is { } own
        && run.HeadRepository?.Id != own.Id;

    /// <summary>Makes a job of what GitHub reports. A job of unknown status is blocked.</summary>
    /// <param name="data">What GitHub reports.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="now">Stands in for a missing time of creation.</param>
    public static Job ToJob(JobData data, RepositoryKey repository, DateTimeOffset now)
    {
        var state = Of(data.Status) ?? JobState.Blocked;
        var runner = string.IsNullOrWhiteSpace(data.RunnerName) ? null : data.RunnerName;

        // A queued job, and one that was cancelled in the queue, has a started_at too: that of its creation.
        var began = state == JobState.Running || (state == JobState.Completed && runner is not null);
        return new Job
        {
            Id = data.Id,
            RunId = data.RunId,
            RunAttempt = data.RunAttempt ?? 1,
            Repository = repository,
            Name = data.Name ?? "",
            Labels = LabelSet.Of(data.Labels ?? []),
            State = state,
            QueuedAt = data.CreatedAt ?? data.StartedAt ?? now,
            StartedAt = began ? data.StartedAt : null,
            CompletedAt = state == JobState.Completed ? data.CompletedAt : null,
            Conclusion = state == JobState.Completed ? data.Conclusion : null,
            RunnerName = runner,
        };
    }
}
