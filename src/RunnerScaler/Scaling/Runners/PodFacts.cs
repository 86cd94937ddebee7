using System.Collections.Immutable;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>A pod's phase, as in the
/// <see href="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase">pod lifecycle</see>.</summary>
internal enum PodPhase
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
}

/// <summary>What the cluster shows of one of our pods, cut down to what decisions need.</summary>
internal sealed record PodFacts
{
    public required PoolKey Pool { get; init; }

    /// <summary>
    /// The uid of the pool that it was made for; empty if nobody wrote it down. Another pool may bear that one's name
    /// by now.
    /// </summary>
    public string PoolUid { get; init; } = "";

    public required int Slot { get; init; }

    public required string Uid { get; init; }

    public required string ResourceVersion { get; init; }

    public PodPhase Phase { get; init; } = PodPhase.Pending;

    /// <summary>By the API server's clock, as are all times of the pod but <see cref="Seen"/> and those of its
    /// node: none of them is to be compared with ours.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a node was found for it, by the scheduler's clock.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>When its node took it up, by the node's clock.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>When the runner container began to run, by the node's clock; kept after it has ended.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was asked to go, by the API server's clock; null while nobody has.</summary>
    public DateTimeOffset? DeletingSince { get; init; }

    /// <summary>When we saw all this, by our clock.</summary>
    public FirstSeen Seen { get; init; }

    public string? Node { get; init; }

    /// <summary>The memory that its runner's container may use, as Kubernetes writes it; null for no limit.</summary>
    public string? MemoryLimit { get; init; }

    /// <summary>
    /// Why the pod does not start, as Kubernetes says it: <c>Unschedulable</c>, <c>ImagePullBackOff</c>, …
    /// </summary>
    public string? WaitingReason { get; init; }

    public string? WaitingMessage { get; init; }

    /// <summary>The revision of the pool's shape that it was made from.</summary>
    public string Revision { get; init; } = "";

    /// <summary>What is written on it of the identity that it was given; null while nothing is.</summary>
    public ClaimAnnotation? ClaimAnnotation { get; init; }

    /// <summary>
    /// Whether it is out of its pool's hands, as a pod is from when it is given an identity until it gives that back.
    /// </summary>
    public bool Released { get; init; }

    /// <summary>Whether it is marked as not to be evicted.</summary>
    public bool Protected { get; init; }

    /// <summary>
    /// Whether it says that its runner has a job: written when its pool is gone. It may not have it any more.
    /// </summary>
    public bool HasJob { get; init; }

    /// <summary>The id of the job that is written on it for people; null while none is.</summary>
    public long? DescribedJob { get; init; }

    /// <summary>How the runner container ended; null while it has not.</summary>
    public PodExit? Exit { get; init; }

    /// <summary>
    /// Whether the runner's life is over. It is when its container's is: others of the pod (a proxy of a mesh, a daemon
    /// of the template) may live on and keep the pod running.
    /// </summary>
    public bool HasEnded => Exit is not null || Phase is PodPhase.Succeeded or PodPhase.Failed;

    /// <summary>The only name that its runner can have at GitHub, with its identity of this number.</summary>
    public string RunnerName(int attempt) => Scaling.Pools.Slot.RunnerName(Pool.Name, Slot, Uid, attempt);
}

/// <summary>How a runner container ended.</summary>
/// <param name="Code">The container's exit code; null if there was none, as after an eviction.</param>
/// <param name="Reason">Kubernetes' word: <c>Completed</c>, <c>Error</c>, <c>OOMKilled</c>, <c>Evicted</c>,
/// <c>NodeLost</c>, …</param>
/// <param name="RanJob">Whether the program in the pod said that a job ran; null if it could not say.</param>
/// <param name="At">When it ended, by its node's clock.</param>
internal sealed record PodExit(int? Code, string Reason, bool? RanJob, DateTimeOffset? At)
{
    /// <summary>
    /// Whether the pod was ended from outside: <see cref="Reason"/> is the word of the kubelet, or of whoever else it
    /// was, for the pod as a whole. There is no complete list of these words.
    /// </summary>
    public bool FromOutside { get; init; }

    /// <summary>Whether no container of the pod was ever started: its node did not take it.</summary>
    public bool NeverRan { get; init; }

    /// <summary>What whoever ended the pod says about it: one line; null if nothing.</summary>
    public string? Message { get; init; }

    /// <summary>What the program in the pod says went wrong: one sentence; null if it says nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it left last words that cannot be read as what its program writes.</summary>
    public bool Unreadable { get; init; }

    /// <summary>What the program in the pod says became of it; null if it does not say.</summary>
    public ExitOutcome? Outcome { get; init; }

    /// <summary>The job that it says it had; null if it does not say.</summary>
    public JobReport? Job { get; init; }

    /// <summary>How long its builder took from the container's start until it listened; null if it had none.</summary>
    public TimeSpan? BuilderTook { get; init; }

    /// <summary>The image builds of its job.</summary>
    public ImmutableArray<Build> Builds { get; init; } = [];
}

/// <summary>An identity that a pod was given. Holds no secret.</summary>
/// <param name="Target">Where the runner is registered.</param>
/// <param name="RunnerName">Its name there.</param>
/// <param name="Attempt">1 for the first identity of the pod; every further one has a name of its own.</param>
/// <param name="At">When it was granted.</param>
internal sealed record Grant(RegistrationTarget Target, string RunnerName, int Attempt, DateTimeOffset At);
