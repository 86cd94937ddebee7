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
