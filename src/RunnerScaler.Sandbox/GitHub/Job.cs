using RunnerScaler.Protocol;

namespace RunnerScaler.Sandbox.GitHub;

/// <summary>The runner that a job was given to, as the job remembers it after the runner is gone.</summary>
internal sealed record JobRunner(long Id, string Name, long GroupId, string GroupName);

/// <summary>A workflow job as it stands now; a change makes a new value.</summary>
internal sealed record Job(long Id, long RunId, long RepositoryId, int Attempt, string Name)
{
    private const long FirstRequest = 100_000_000_000;

    /// <summary>The key of its <see cref="JobSpec"/>; several matrix jobs share it.</summary>
    public required string Key { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The runner group asked for. GitHub keeps it to itself until the job is assigned.</summary>
    public string? Group { get; init; }

    public JobStatus Status { get; init; }

    public JobConclusion? Conclusion { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Known from the start of the job on.</summary>
    public JobRunner? Runner { get; init; }

    public TimeSpan Duration { get; init; }

    public JobConclusion EndsAs { get; init; }

    /// <summary>Kills its runner's container instead of ending.</summary>
    public bool KillsRunner { get; init; }

    public IReadOnlyList<Build> Builds { get; init; } = [];

    /// <summary>Asked for a runner of GitHub's own (<c>ubuntu-latest</c>): no pool of ours is needed.</summary>
    public bool Hosted { get; init; }

    /// <summary>Reads queued for ever although its run is over; no runner will ever get it.</summary>
    public bool Ghost { get; init; }

    /// <summary>The runner chosen for it that has not picked it up yet; the REST interface still says queued.</summary>
    public long? AssignedTo { get; init; }

    public DateTimeOffset? AssignedAt { get; init; }

    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>The runner scale set that it is assigned to; no other runners than those of the set get it.</summary>
    public long? ScaleSetId { get; init; }

    /// <summary>Since when the set has it without a runner that took it.</summary>
    public DateTimeOffset? SetAssignedAt { get; init; }

    /// <summary>How often it was assigned to a set.</summary>
    public int SetAssignments { get; init; }

    /// <summary>The number by which a set acquires it; it says nothing of <see cref="Id"/>.</summary>
    public long RequestId => Id - FirstRequest;

    /// <summary>What scale sets know it by: none of the ids of the REST interface.</summary>
    public Guid Guid => new(0x6f1c2b3d, 0x51a7, 0x567a, BitConverter.GetBytes(Id * 2_654_435_761));

    /// <summary>From when on it may be assigned.</summary>
    public DateTimeOffset ReadyAt { get; init; }

    /// <summary>Counts the changes of this job; what was planned for an earlier one is void.</summary>
    public int Epoch { get; init; }

    /// <summary>The <see cref="Id"/> of the job with this <see cref="RequestId"/>.</summary>
    public static long IdOf(long requestId) => requestId + FirstRequest;

    /// <summary>Whether a self-hosted runner would be given this job.</summary>
    public bool AwaitsRunner => Status == JobStatus.Queued && AssignedTo is null && !Ghost && !Hosted;
}
