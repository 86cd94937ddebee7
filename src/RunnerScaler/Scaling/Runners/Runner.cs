using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>Where a runner is in its life.</summary>
internal enum RunnerState
{
    /// <summary>Its pod is asked for, created, scheduled or starting; it has not claimed.</summary>
    Starting,

    /// <summary>It has claimed and waits for an identity: ready, unregistered.</summary>
    Standby,

    /// <summary>It has, or is being given, an identity; no job of its is known.</summary>
    Registered,

    /// <summary>It has a job.</summary>
    Busy,

    /// <summary>Its job or its pod has ended, or its pod is on its way out; it only takes up its slot.</summary>
    Finished,

    /// <summary>Its slot cannot be used, and nothing is known of what is in it.</summary>
    Lost,
}

/// <summary>The life of one pod, as all that is known of it says.</summary>
internal sealed record Runner
{
    public required PoolKey Pool { get; init; }

    public required int Slot { get; init; }

    public required RunnerState State { get; init; }

    /// <summary>When we first knew that it is in this state.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Null while only our own request says that it exists.</summary>
    public PodFacts? Pod { get; init; }

    public RunnerNote Note { get; init; } = RunnerNote.None;

    /// <summary>The job that it has or had.</summary>
    public Job? Job { get; init; }

    /// <summary>Where it is, or is being, registered.</summary>
    public RegistrationTarget? Target => Grant?.Target;

    /// <summary>The identity that it has or is being given.</summary>
    public Grant? Grant { get; init; }

    /// <summary>
    /// Why what is written on its pod is not its identity. Such a runner may have one that nobody can find: it is
    /// neither counted on nor removed before its pod ends.
    /// </summary>
    public AnnotationMisfit Misfit { get; init; }

    /// <summary>
    /// The identity that a pod has or is being given: what we noted is younger than what the watch shows.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="note">What is known of it.</param>
    /// <param name="pool">Its pool, under whose authority the identity is; null if it has none.</param>
    public static Grant? GrantOf(PodFacts pod, RunnerNote note, Pool? pool) =>
        note.Grant ?? (IsTakenBack(pod, note) ? null : GrantRule.Read(pod, pool));

    /// <inheritdoc cref="Misfit"/>
    public static AnnotationMisfit MisfitOf(PodFacts pod, RunnerNote note, Pool? pool) =>
        note.Grant is not null || IsTakenBack(pod, note) ? AnnotationMisfit.None : GrantRule.MisfitOf(pod, pool);

    /// <summary>What a pod, our notes of it, its pool and the board together say.</summary>
    public static Runner Of(PodFacts pod, RunnerNote note, Pool? pool, JobBoard board)
    {
        var grant = GrantOf(pod, note, pool);
        var misfit = MisfitOf(pod, note, pool);
        var job = JobOf(pod, grant, pool, board);
        var jobSince = job is null ? null : board.SinceOf(job);
        var (state, since) = StateOf(pod, note, grant is not null, misfit, job, jobSince);
        return new()
        {
            Pool = pod.Pool,
            Slot = pod.Slot,
            State = state,
            Since = since,
            Pod = pod,
            Note = note,
            Grant = grant,
            Misfit = misfit,
            Job = job,
        };
    }

    private static bool IsTakenBack(PodFacts pod, RunnerNote note) =>
        pod.ClaimAnnotation is { } annotation && note.TakenBack is { } name
            && pod.RunnerName(annotation.Attempt) == name;

    // A pool's credential may have moved to another Secret since. A pod whose annotation was wiped out may have a job
    // all the same: its name says so.
    private static Job? JobOf(PodFacts pod, Grant? grant, Pool? pool, JobBoard board)
    {
        if (grant is not null && board.OnRunner(grant.Target, grant.RunnerName) is { } job)
            return job;
        if (pool is null)
            return null;
        if (grant is not null)
            return board.OnRunner(grant.Target with { Account = pool.Account }, grant.RunnerName);
        foreach (var name in Names(pod))
            foreach (var scope in pool.Serves)
                if (board.OnRunner(new(pool.Account, scope.Owner, null), name) is { } known)
                    return known;
        return null;
    }

    // Few pods are given another identity, and hardly one a fourth.
    private static IEnumerable<string> Names(PodFacts pod) => pod.ClaimAnnotation is { } annotation
        ? [pod.RunnerName(annotation.Attempt)]
        : Enumerable.Range(1, pod.Released ? 4 : 1).Select(pod.RunnerName);

    /// <summary>Where it is in its life, and since when by our clock: clocks of others may be far off.</summary>
    private static (RunnerState, DateTimeOffset) StateOf(
        PodFacts pod, RunnerNote note, bool hasGrant, AnnotationMisfit misfit, Job? job, DateTimeOffset? jobSince)
    {
        var seen = pod.Seen;
        if (pod.HasEnded)
            return (RunnerState.Finished, seen.Ended ?? seen.Pod);
        if (pod.DeletingSince is not null)
            return (RunnerState.Finished, seen.Leaving ?? seen.Pod);
        if (job is { State: JobState.Completed })
            return (RunnerState.Finished, jobSince ?? seen.Pod);
        if (job is { State: JobState.Running })
            return (RunnerState.Busy, jobSince ?? seen.Pod);
        if (note.BusySince is { } busy)
            return (RunnerState.Busy, busy);
        if (misfit != AnnotationMisfit.None)
            return (RunnerState.Lost, seen.Pod);
        if (hasGrant)
            return (RunnerState.Registered, note.Grant?.At ?? seen.Grant ?? seen.Pod);
        if (note.ClaimedAt is { } claimed)
            return (RunnerState.Standby, claimed);
        return (RunnerState.Starting, seen.Pod);
    }
}

/// <summary>
/// What only this process knows of a pod: its claims, and what GitHub said of its registration. Lost at a restart, and
/// found again by asking; nothing that keeps a promise depends on it alone.
/// </summary>
internal sealed record RunnerNote
{
    public static readonly RunnerNote None = new();

    /// <summary>When it first claimed.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>Whether a claim of it is held open now.</summary>
    public bool Waiting { get; init; }

    /// <summary>
    /// When its last claim ended without an identity, or when it was then told to come again, which may be yet to come:
    /// it is expected to claim again soon after that.
    /// </summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <summary>The identity that we gave it, or are giving it.</summary>
    public Grant? Grant { get; init; }

    /// <summary>
    /// The name on the annotation that was last taken off the pod: the watch may still show it for a while.
    /// </summary>
    public string? TakenBack { get; init; }

    /// <summary>Whether that identity is still being made.</summary>
    public bool GrantInFlight { get; init; }

    /// <summary>The number of the last identity that was tried; 0 for none.</summary>
    public int Attempt { get; init; }

    /// <summary>
    /// Before this its pod is given no identity: the API server has refused, so many times in a row, to write one on
    /// it.
    /// </summary>
    public DateTimeOffset? GrantNotBefore { get; init; }

    /// <inheritdoc cref="GrantNotBefore"/>
    public int GrantRefusals { get; init; }

    /// <summary>Whether that identity is written on its pod, as far as is known.</summary>
    public bool Written { get; init; }

    /// <summary>Whether that identity is not needed any more, and GitHub need not be asked for it.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>Whether GitHub was asked to register it.</summary>
    public bool Requested { get; init; }

    /// <summary>GitHub's id of its registration.</summary>
    public long? RunnerId { get; init; }

    /// <summary>When GitHub registered it.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>When GitHub last said how the registration does, and what it said (null: there is none).</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    public Registration? Seen { get; init; }

    /// <summary>
    /// GitHub is to say anew how the registration does, unless it has since this time; null if nobody asks.
    /// </summary>
    public DateTimeOffset? CheckFrom { get; init; }

    /// <summary>
    /// When GitHub first refused to delete it, or showed it, as busy. Cleared when GitHub says otherwise.
    /// </summary>
    public DateTimeOffset? BusySince { get; init; }

    /// <summary>What its pod last made us ask GitHub; null for nothing yet.</summary>
    public PodCall? Call { get; init; }

    /// <summary>Why we are removing it; null while we are not.</summary>
    public OutcomeKind? Retiring { get; init; }

    /// <summary>
    /// Why it was told to end; kept when the removal is given up because its pod has changed, which may be its end.
    /// </summary>
    public OutcomeKind? Dismissed { get; init; }

    /// <summary>Whether we have marked its pod as not to be evicted.</summary>
    public bool Protected { get; init; }

    /// <summary>Whether we have written on its pod that it has a job.</summary>
    public bool JobWritten { get; init; }

    /// <summary>The id of the job that we have written on its pod for people; null while there is none.</summary>
    public long? DescribedJob { get; init; }

    /// <summary>Whether its registration is deleted, or given to the sweep to be deleted.</summary>
    public bool Deregistered { get; init; }

    /// <summary>Whether its registration was deleted before it had a job.</summary>
    public bool GivenBack { get; init; }

    /// <summary>Whether the board has ever shown its job.</summary>
    public bool JobSeen { get; init; }

    /// <summary>Whether we are deleting, or have deleted, its pod.</summary>
    public bool Removed { get; init; }

    /// <summary>Whether it was told that what is written on its pod does not fit.</summary>
    public bool MisfitTold { get; init; }

    /// <summary>Whether its overdue job was reported.</summary>
    public bool OverdueReported { get; init; }
}
