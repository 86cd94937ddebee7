using System.Collections.Immutable;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>All that a plan is made from.</summary>
internal sealed record PlanInput
{
    public required Pool Pool { get; init; }

    public required PoolDemand Demand { get; init; }

    public required Fleet Fleet { get; init; }

    /// <summary>Runners that ended after a job, and may have taken one that the board still shows as queued.</summary>
    public ImmutableArray<RecentlyFinishedRunner> RecentlyFinished { get; init; } = [];

    /// <summary>What keeps the pool as a whole from working; null if nothing does.</summary>
    public Problem? Problem { get; init; }

    /// <summary>What stands against all that belongs to one of the owners that the pool serves.</summary>
    public ImmutableDictionary<string, Problem> OwnerProblems { get; init; } = ImmutableDictionary<string,
        Problem>.Empty;

    /// <summary>Where the pool's runners may be registered, as far as known.</summary>
    public ImmutableArray<RegistrationTarget> Targets { get; init; } = [];

    /// <summary>Repositories that it serves and that cannot be read, whole or in part; the gravest first.</summary>
    public ImmutableArray<RepositoryReading> Unread { get; init; } = [];

    /// <summary>Where registering was refused or must wait, and why.</summary>
    public ImmutableDictionary<RegistrationTarget, Problem> TargetProblems { get; init; } =
        ImmutableDictionary<RegistrationTarget, Problem>.Empty;

    /// <summary>
    /// Whether the queue has been read whole at least once: before that, nobody is retired as unneeded.
    /// </summary>
    public bool QueueKnown { get; init; }

    /// <summary>
    /// Whether the account has shown once that it works: before that, no pod is made for a job that nobody has queued.
    /// </summary>
    public bool AccountListed { get; init; } = true;

    /// <summary>Slots whose pods the API server did not make.</summary>
    public ImmutableDictionary<int, SlotPause> Paused { get; init; } = ImmutableDictionary<int, SlotPause>.Empty;

    /// <summary>What the API server refuses that the pool needs, the worst first.</summary>
    public ImmutableArray<StandingRefusal> Refusals { get; init; } = [];

    /// <summary>Why GitHub gives its runners no jobs any more; null if it does, as far as is known.</summary>
    public string? Outdated { get; init; }

    /// <summary>No pod is created before this, because the last ones failed or were refused.</summary>
    public DateTimeOffset? CreateNotBefore { get; init; }

    /// <summary>The sentence of whoever refused the last pods: a node, the API server; null if they failed.</summary>
    public string? Refusal { get; init; }

    /// <summary>
    /// Queued jobs that GitHub gives to none of the idle runners, by their id: no runner is made for them.
    /// </summary>
    public ImmutableDictionary<long, UnassignedJob> Unassigned { get; init; } =
        ImmutableDictionary<long, UnassignedJob>.Empty;

    /// <summary>The slots whose pods did not start lately: others are used first.</summary>
    public ImmutableArray<SlotRest> Resting { get; init; } = [];

    /// <summary>How many pools share what is held in common, this one included.</summary>
    public int Pools { get; init; } = 1;

    public required DateTimeOffset Now { get; init; }

    /// <summary>
    /// What keeps runners from being registered there, or should; null if nothing does. That the queue cannot be read
    /// for now is no reason: known jobs get their runners.
    /// </summary>
    public Problem? ProblemAt(RegistrationTarget target) =>
        new[] { Problem, OwnerProblems.GetValueOrDefault(target.Owner) }
            .FirstOrDefault(f =>
                f is not (null or { Reason: ProblemReason.Unreachable or ProblemReason.ReadingPaused }))
        ?? TargetProblems.GetValueOrDefault(target);
}

/// <summary>No pod is created for a while.</summary>
/// <param name="Until">Until when.</param>
/// <param name="Refusal">The sentence of whoever refused the last pods; null if they failed.</param>
internal sealed record CreatePause(DateTimeOffset Until, string? Refusal);

/// <summary>A runner that ended after a job that the board has never shown.</summary>
/// <param name="Target">Where it was registered.</param>
/// <param name="RunnerName">Its name there.</param>
/// <param name="EndedAt">When its end was seen, by our clock.</param>
/// <param name="Job">The job that its pod says it had; null if it does not say.</param>
internal readonly record struct RecentlyFinishedRunner(
    RegistrationTarget Target, string RunnerName, DateTimeOffset EndedAt, JobReport? Job = null)
{
    /// <summary>For so long GitHub may show a job as queued that a runner has begun.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether it may have been what took a job that was queued when its repository was read: the job's place is the
    /// runner's, and the reading is older than its job's beginning, or than its end if no more is known. A job whose
    /// run is not known, as some of a scale set, may be any.
    /// </summary>
    public bool MayHaveTaken(KnownJob known, RegistrationTarget place) =>
        Target == place
        && (Job is null
            ? EndedAt >= known.ReadAt
            : EndedAt - Job.Time + Lag >= known.ReadAt && (!known.Job.HasRun || IsOfRun(Job, known.Job)));

    private static bool IsOfRun(JobReport told, Job job) =>
        told.RunId == job.RunId && told.IsOf(job.Repository.Owner, job.Repository.Name);
}

/// <summary>What to do now, and why each queued job waits.</summary>
/// <param name="Create">Slots to create, the lowest first but for those that rest.</param>
/// <param name="Retire">Runners to remove.</param>
/// <param name="Grants">Identities to give to pods that wait for one.</param>
/// <param name="Waiting">Every queued job, with the one reason why it has no runner yet.</param>
/// <param name="StandbyTarget">How many standby pods are wanted now.</param>
/// <param name="NextChange">When the plan may change although nothing happens; null for never.</param>
internal sealed record Plan(
    ImmutableArray<int> Create,
    ImmutableArray<Retirement> Retire,
    ImmutableArray<ClaimGrant> Grants,
    ImmutableArray<WaitingJob> Waiting,
    int StandbyTarget,
    DateTimeOffset? NextChange)
{
    /// <summary>
    /// Of the runners that are being registered, those that nobody needs any more: where GitHub has not been asked yet,
    /// it need not be.
    /// </summary>
    public required ImmutableArray<Runner> Withdraw { get; init; }

    /// <summary>Why, for each of <see cref="Create"/>.</summary>
    public required ImmutableArray<PodPurpose> CreateFor { get; init; }
}

/// <summary>A runner to remove.</summary>
internal readonly record struct Retirement(Runner Runner, OutcomeKind Outcome);

/// <summary>An identity to give.</summary>
internal readonly record struct ClaimGrant(Runner Runner, RegistrationTarget Target);

/// <summary>A queued job without a runner.</summary>
/// <param name="Job">The job.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">What Kubernetes or GitHub says about it, if it says anything.</param>
internal readonly record struct WaitingJob(Job Job, WaitReason Reason, string? Detail)
{
    /// <summary>The runner that stands for it in this pass; null if none does. It is bound to no job.</summary>
    public Runner? Runner { get; init; }

    /// <summary>Whether a runner for it is on its way or there.</summary>
    public bool IsServed => Reason >= WaitReason.Creating;
}

/// <summary>A slot whose pod was not made waits before it is tried again.</summary>
/// <param name="Until">Until when.</param>
/// <param name="Tries">How often it has failed in a row.</param>
internal readonly record struct SlotPause(DateTimeOffset Until, int Tries);
