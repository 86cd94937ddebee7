namespace RunnerScaler.Sandbox.GitHub;

/// <summary>Where a runner is registered: at an organisation, or at one repository.</summary>
internal readonly record struct RunnerScope(long AccountId, long? RepositoryId);

/// <summary>A registered ephemeral runner as it stands now; a change makes a new value.</summary>
internal sealed record Runner(long Id, RunnerScope Scope, string Name, long GroupId, string GroupName)
{
    /// <summary>Exactly the labels that were sent: nothing is added for just-in-time runners.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The runner scale set that it belongs to: it gets only jobs that are assigned to the set.</summary>
    public long? ScaleSetId { get; init; }

    /// <summary><c>unknown</c> until the first connection.</summary>
    public string Os { get; init; } = "unknown";

    public string? Version { get; init; }

    public bool Online { get; init; }

    /// <summary>The process behind it is gone, but GitHub has not noticed yet.</summary>
    public bool Vanished { get; init; }

    /// <summary>It let an assignment pass; it is offered no other until it asks again.</summary>
    public bool Lapsed { get; init; }

    /// <summary>The job assigned to it, picked up or not.</summary>
    public long? JobId { get; init; }

    /// <summary>It has picked its job up.</summary>
    public bool Running { get; init; }

    /// <summary>GitHub refuses to delete a busy runner.</summary>
    public bool Busy => JobId is not null;

    /// <summary>When the present state (offline, idle, busy) began.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>From when on it may be given a job.</summary>
    public DateTimeOffset ReadyAt { get; init; }

    /// <summary>Counts the changes of this runner; what was planned for an earlier one is void.</summary>
    public int Epoch { get; init; }

    public bool CanBeAssigned(DateTimeOffset at) => Online && !Busy && !Lapsed && ReadyAt <= at;
}

/// <summary>The body of a request for a just-in-time configuration.</summary>
/// <param name="GroupId">Looked up at organisation level; 1 at repository level.</param>
internal sealed record JitRequest(string Name, long GroupId, IReadOnlyList<string> Labels, string WorkFolder = "_work")
{
    /// <summary>The runner scale set that it is to belong to.</summary>
    public long? ScaleSetId { get; init; }
}

/// <summary>The answer: the runner is registered already. The configuration is a secret: keep it out of logs.</summary>
internal sealed class JitRegistration(Runner runner, string encodedJitConfig)
{
    public Runner Runner { get; } = runner;

    public string EncodedJitConfig { get; } = encodedJitConfig;
}

/// <summary>A runner program's connection to GitHub.</summary>
internal sealed record RunnerSession(long RunnerId, long Serial);

/// <summary>What a runner program would notice at its next poll.</summary>
internal enum SessionState
{
    /// <summary>Connected, no job.</summary>
    Idle,

    /// <summary>A job waits to be taken.</summary>
    Assigned,

    /// <summary>It works on its job.</summary>
    Running,

    /// <summary>Its job was cancelled: it should stop and complete it as cancelled.</summary>
    Cancelling,

    /// <summary>The registration or this session is over: the program should end.</summary>
    Gone,
}
