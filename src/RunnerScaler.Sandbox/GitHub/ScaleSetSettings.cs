namespace RunnerScaler.Sandbox.GitHub;

/// <summary>How runner scale sets behave. GitHub documents none of the times.</summary>
internal sealed record ScaleSetSettings
{
    /// <summary>
    /// As an Enterprise Server does: jobs are not assigned to a set, but offered to it, and it acquires them
    /// (https://github.com/actions/scaleset/issues/75).
    /// </summary>
    public bool Ghes { get; init; }

    /// <summary>
    /// As an Enterprise Server before 3.21 does: of a set's labels only the first is kept, and nothing is said
    /// (https://github.com/actions/actions-runner-controller/issues/4579).
    /// </summary>
    public bool KeepsOneLabel { get; init; }

    /// <summary>
    /// A job that a set was assigned and that no runner of the set takes for this long is taken from it.
    /// </summary>
    public TimeSpan AssignedDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a job taken from its set is queued again; after that it is cancelled.</summary>
    public int Requeues { get; init; } = 3;

    /// <summary>A session that nobody polls for this long is over.</summary>
    public TimeSpan SessionDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a session's token for its message queue is valid.</summary>
    public TimeSpan QueueTokenLife { get; init; } = TimeSpan.FromMinutes(50);

    /// <summary>How long an administrator's token is valid.</summary>
    public TimeSpan AdminTokenLife { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Entries of a message at most.</summary>
    public int LargestMessage { get; init; } = 50;

    /// <summary>How long a poll of an empty queue is held.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(50);
}
