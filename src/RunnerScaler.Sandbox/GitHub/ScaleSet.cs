namespace RunnerScaler.Sandbox.GitHub;

/// <summary>A runner scale set as it stands now: jobs are assigned to it before there is a runner for them.</summary>
internal sealed record ScaleSet(long Id, RunnerScope Scope, string Name, long GroupId, string GroupName)
{
    /// <summary>A job is for the set when all labels that it asks for are among these.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    public bool DisableUpdate { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What is asked of a set when it is made or changed; what is null stays as it is.</summary>
internal sealed record ScaleSetRequest(
    string? Name = null, long? GroupId = null, IReadOnlyList<string>? Labels = null, bool? DisableUpdate = null);

/// <summary>Somebody's right to a set's messages. The token is a secret.</summary>
internal sealed class ScaleSetSession(Guid id, string ownerName)
{
    public Guid Id { get; } = id;

    public string OwnerName { get; } = ownerName;

    /// <summary>Opens the queue until it expires.</summary>
    public string QueueToken { get; set; } = "";

    public DateTimeOffset QueueTokenExpiresAt { get; set; }

    /// <summary>Where the queue is now; grows when it moves.</summary>
    public int Place { get; set; }

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset HeardAt { get; set; }

    /// <summary>What its last poll said of its capacity; null before the first.</summary>
    public ScaleSetCapacity? Capacity { get; set; }

    /// <summary>It as it is now.</summary>
    public ScaleSetSession Copy() => (ScaleSetSession)MemberwiseClone();
}

/// <summary>What a poll says of how many jobs the set can have at once.</summary>
/// <param name="Jobs">
/// The header <c>X-ScaleSetMaxCapacity</c>; null when it was not sent: jobs are only offered then.
/// </param>
internal readonly record struct ScaleSetCapacity(int? Jobs);

/// <summary>A session as it is answered.</summary>
internal sealed record SessionAnswer(ScaleSet Set, ScaleSetSession Session, ScaleSetStatistics Statistics);

/// <summary>Counts of a set's jobs and runners now.</summary>
/// <param name="AvailableJobs">Offered and not acquired.</param>
/// <param name="AcquiredJobs">Acquired, without a runner.</param>
/// <param name="AssignedJobs">Assigned and not over: those without a runner and those that run.</param>
/// <param name="RunningJobs">Those of them that run.</param>
/// <param name="RegisteredRunners">Runners of the set.</param>
/// <param name="BusyRunners">Those of them with a job.</param>
/// <param name="IdleRunners">Those of them that are online without one.</param>
internal readonly record struct ScaleSetStatistics(
    int AvailableJobs,
    int AcquiredJobs,
    int AssignedJobs,
    int RunningJobs,
    int RegisteredRunners,
    int BusyRunners,
    int IdleRunners);

/// <summary>What happened to a job, as its set is told.</summary>
internal enum ScaleSetEvent
{
    JobAvailable,
    JobAssigned,
    JobStarted,
    JobCompleted,
}

/// <summary>One entry of a message: what happened to a job, and the job as it was then.</summary>
/// <param name="At">When.</param>
internal sealed record ScaleSetEntry(ScaleSetEvent Event, Job Job, DateTimeOffset At)
{
    /// <summary>How it ended; only for <see cref="ScaleSetEvent.JobCompleted"/>.</summary>
    public JobConclusion? Result { get; init; }

    /// <summary>Whether the set was offered the job, and acquires it by <see cref="Job.RequestId"/>.</summary>
    public bool IsRequest { get; init; }
}

/// <summary>A message of a set's queue. It stays until it is acknowledged.</summary>
internal sealed record ScaleSetMessage(
    long Id, IReadOnlyList<ScaleSetEntry> Entries, ScaleSetStatistics Statistics);
