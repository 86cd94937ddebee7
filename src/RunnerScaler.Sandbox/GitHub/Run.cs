namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// A workflow run as it stands now. A re-run keeps id and <see cref="CreatedAt"/> and raises the attempt.
/// </summary>
internal sealed record Run(long Id, long RepositoryId, string WorkflowName)
{
    /// <summary>The file that it was written in.</summary>
    public string WorkflowPath => $".github/workflows/{WorkflowName}.yml";

    public int Number { get; init; }

    public int Attempt { get; init; } = 1;

    public required string Event { get; init; }

    public required string Branch { get; init; }

    public required string HeadSha { get; init; }

    /// <summary>Whether <see cref="HeadSha"/> is a commit of a fork.</summary>
    public bool IsOfFork { get; init; }

    /// <summary>The least advanced status of its jobs.</summary>
    public JobStatus Status { get; init; } = JobStatus.Queued;

    public JobConclusion? Conclusion { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Start of the current attempt.</summary>
    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Its status does not follow its jobs: a zombie (queued without jobs) or the home of a ghost.</summary>
    public bool Stuck { get; init; }
}
