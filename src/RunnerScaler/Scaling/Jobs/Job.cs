using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>What a job needs of us.</summary>
internal enum JobState
{
    /// <summary>It wants a runner now (<c>queued</c> at GitHub).</summary>
    Queued,

    /// <summary>A runner has it (<c>in_progress</c>).</summary>
    Running,

    /// <summary>
    /// It waits for something else than a runner: an environment's approval (<c>waiting</c>), a concurrency group
    /// (<c>pending</c>), or its own creation (<c>requested</c>). No demand.
    /// </summary>
    Blocked,

    /// <summary>It has ended, in whatever way.</summary>
    Completed,
}

/// <summary>
/// A workflow job as GitHub reports it
/// (<see href="https://docs.github.com/rest/actions/workflow-jobs">workflow jobs</see>), identified by its job id.
/// </summary>
internal sealed record Job
{
    /// <summary>
    /// Unique at a server; beyond 32 bits. Less than 0 for a job that a scale set was told of: GitHub names that one
    /// otherwise.
    /// </summary>
    public required long Id { get; init; }

    /// <summary>Whether GitHub knows the job by its <see cref="Id"/>.</summary>
    public bool HasId => Id > 0;

    /// <summary>Whether it is known which run it belongs to.</summary>
    public bool HasRun => RunId > 0;

    /// <summary>The page at GitHub that is nearest to it: its own, its run's, or its repository's.</summary>
    public string Address => HasRun && HasId
        ? string.Create(CultureInfo.InvariantCulture, $"{RunAddress}/job/{Id}")
        : RunAddress;

    /// <summary>The page of its run; the repository's runs if that is not known.</summary>
    public string RunAddress => HasRun
        ? string.Create(CultureInfo.InvariantCulture, $"{Repository.Server}/{Repository}/actions/runs/{RunId}")
        : $"{Repository.Server}/{Repository}/actions";

    public required long RunId { get; init; }

    public int RunAttempt { get; init; } = 1;

    public required RepositoryKey Repository { get; init; }

    public string Name { get; init; } = "";

    /// <summary>The name of its workflow; empty if GitHub does not say.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>What <c>runs-on</c> asks for; empty when the workflow named a runner group only.</summary>
    public required LabelSet Labels { get; init; }

    public required JobState State { get; init; }

    /// <summary>
    /// When the job began to wait for a runner, as far as is known. It may have been created long before, and have
    /// waited for an approval or a concurrency group first.
    /// </summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>When a runner began it; null while it has not.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary><c>success</c>, <c>failure</c>, <c>cancelled</c>, …; null until the job has ended.</summary>
    public string? Conclusion { get; init; }

    /// <summary>
    /// The runner that has or had it: the only proof of which runner took which job. Null until assigned.
    /// </summary>
    public string? RunnerName { get; init; }

    /// <summary>Its run is for a pull request of a fork: strangers may have written what it executes.</summary>
    public bool FromFork { get; init; }
}
