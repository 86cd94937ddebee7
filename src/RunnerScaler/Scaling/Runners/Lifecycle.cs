using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>What to do with one runner now.</summary>
internal enum LifecycleAction
{
    Wait,

    /// <summary>Mark its pod as not to be evicted, and as one that has a job.</summary>
    Protect,

    /// <summary>Write on its pod which job it has.</summary>
    Describe,

    /// <summary>Ask GitHub how its registration does.</summary>
    Check,

    /// <summary>Remove it: registration first, pod second.</summary>
    Retire,

    /// <summary>Its pod has ended: remove what is left of it.</summary>
    Bury,

    /// <summary>Its job takes longer than the pool's deadline: say so.</summary>
    ReportOverdue,
}

/// <param name="Action">What to do now.</param>
/// <param name="Outcome">How its life ended, for <see cref="LifecycleAction.Retire"/> and
/// <see cref="LifecycleAction.Bury"/>.</param>
/// <param name="Next">When to look again although nothing happens; null for never.</param>
internal readonly record struct LifecycleStep(LifecycleAction Action, OutcomeKind Outcome, DateTimeOffset? Next)
{
    public static LifecycleStep Wait(DateTimeOffset? until = null) => new(LifecycleAction.Wait, default, until);

    public static LifecycleStep Do(LifecycleAction action, OutcomeKind outcome = default) => new(action, outcome, null);
}

/// <summary>The life of one runner: every wait has a deadline, and every deadline an outcome.</summary>
internal static class Lifecycle
{
    /// <summary>Time that a runner whose registration is gone has to end by itself.</summary>
    internal static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A job is written on its pod for people when it has run for so long: nobody looks for the pod of a job that is
    /// over by then, and a burst of short ones needs the API server for other things.
    /// </summary>
    internal static readonly TimeSpan DescribeAfter = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time that a pod that runs has to claim again: after its last claim, or after its controller was replaced.
    /// </summary>
    internal static readonly TimeSpan ReclaimTime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// After this an identity that nobody can be asked about has had its job, if it had one: GitHub removes a
    /// registration that is not used within a day, and ends every job after five
    /// (<see href="https://docs.github.com/actions/reference/limits">limits</see>).
    /// </summary>
    internal static readonly TimeSpan LongestLife = TimeSpan.FromDays(6);

    /// <param name="runner">The runner.</param>
    /// <param name="deadlines">Its pool's deadlines.</param>
    /// <param name="leadingSince">Since when this process has led: claims made before are not in its memory.</param>
    /// <param name="now">The present time.</param>
    /// <param name="authority">Who answers for it.</param>
    public static LifecycleStep Next(
        Runner runner, Deadlines deadlines, DateTimeOffset leadingSince, DateTimeOffset now,
        Authority authority = Authority.Pool)
    {
        if (runner.Pod is not { DeletingSince: null } pod || runner.Note.Removed)
            return LifecycleStep.Wait();
        if (pod.HasEnded)
            return LifecycleStep.Do(LifecycleAction.Bury, RunnerOutcome.Of(runner, pod).Kind);

        // What GitHub is about to register cannot be removed yet, and what nobody can find never.
        if (runner.Note.GrantInFlight)
            return LifecycleStep.Wait();
        if (authority == Authority.Unknown)
            return WithoutAuthority(runner, pod, now);
        if (runner.Misfit != AnnotationMisfit.None)
            return LifecycleStep.Wait();
        if (runner is { Note.Retiring: { } outcome, Job: not { State: JobState.Running } })
            return LifecycleStep.Do(LifecycleAction.Retire, outcome);
        if (authority == Authority.Departed && WithoutPool(runner, now) is { } step)
            return step;
        return runner.State switch
        {
            RunnerState.Starting => After(StartBy(pod, deadlines, leadingSince), now, OutcomeKind.StartDeadline),
            RunnerState.Standby => Standby(runner, leadingSince, now),
            RunnerState.Registered => Registered(runner, deadlines, now),
            RunnerState.Busy => Busy(runner, pod, deadlines, authority, now),
            RunnerState.Finished => Leaving(runner, deadlines, now),
            _ => LifecycleStep.Wait(),
        };
    }

    /// <summary>
    /// Its pool is gone: if it has no job it goes at once, else it ends by itself. Null if it is like any other.
    /// </summary>
    private static LifecycleStep? WithoutPool(Runner runner, DateTimeOffset now) => runner.State switch
    {
        RunnerState.Registered when runner.Note is { CheckedAt: { } checkedAt, Seen: null } =>
            After(checkedAt + FarewellTime, now, OutcomeKind.Retired),
        RunnerState.Starting or RunnerState.Standby or RunnerState.Registered =>
            LifecycleStep.Do(LifecycleAction.Retire, OutcomeKind.Retired),
        _ => null,
    };

    /// <summary>
    /// Nobody knows its pool, so GitHub cannot be asked whether it has a job. One that was seen busy ends by itself.
    /// </summary>
    private static LifecycleStep WithoutAuthority(Runner runner, PodFacts pod, DateTimeOffset now)
    {
        var note = runner.Note;
        if (pod.HasJob || note.JobWritten)
            return LifecycleStep.Wait();
        if (note.BusySince is not null)
            return LifecycleStep.Do(LifecycleAction.Protect);

        // What protects a pod goes with its annotation: one that is protected and has none had an identity, and
        // somebody has wiped the annotation out. Who wipes out both can delete pods.
        if (pod.ClaimAnnotation is null && note.Grant is null)
            return pod.Protected || note.Protected
                ? LifecycleStep.Wait()
                : LifecycleStep.Do(LifecycleAction.Retire, note.Retiring ?? OutcomeKind.Retired);
        var given = note.Grant?.At ?? pod.ClaimAnnotation?.At ?? pod.CreatedAt;
        if (pod.Seen.Grant < given)
            given = pod.Seen.Grant.Value;
        return After((given < pod.CreatedAt ? pod.CreatedAt : given) + LongestLife, now, OutcomeKind.Lost);
    }

    private static DateTimeOffset StartBy(PodFacts pod, Deadlines deadlines, DateTimeOffset leadingSince)
    {
        var deadline = pod.Seen.Pod + deadlines.Start;
        var reclaim = leadingSince + ReclaimTime;
        return pod.StartedAt is not null && reclaim > deadline ? reclaim : deadline;
    }

    private static LifecycleStep After(DateTimeOffset deadline, DateTimeOffset now, OutcomeKind outcome) =>
        now >= deadline ? LifecycleStep.Do(LifecycleAction.Retire, outcome) : LifecycleStep.Wait(deadline);

    // One that does not ask any more would be counted on for ever.
    private static LifecycleStep Standby(Runner runner, DateTimeOffset leadingSince, DateTimeOffset now)
    {
        if (runner.Note.Waiting)
            return LifecycleStep.Wait();
        var left = runner.Note.LeftAt ?? runner.Since;
        return After((left > leadingSince ? left : leadingSince) + ReclaimTime, now, OutcomeKind.StartDeadline);
    }

    private static LifecycleStep Registered(Runner runner, Deadlines deadlines, DateTimeOffset now)
    {
        var note = runner.Note;
        var registerBy = (note.RegisteredAt ?? runner.Since) + deadlines.Register;
        if (note.CheckFrom is { } from && !(note.CheckedAt >= from))
            return LifecycleStep.Do(LifecycleAction.Check);
        if (note.CheckedAt is not { } checkedAt)
            return CheckAt(registerBy, now);
        return note.Seen switch
        {
            { Online: true } => CheckAt(checkedAt + deadlines.Idle, now),
            { } when note.CheckFrom is not null && checkedAt < registerBy => CheckAt(registerBy, now),
            { } => LifecycleStep.Do(LifecycleAction.Retire, OutcomeKind.RegisterDeadline),
            null => After(checkedAt + FarewellTime, now, OutcomeKind.NoJob),
        };
    }

    // It is protected since it was given its identity. When its pool has gone, whoever comes after us is told besides.
    private static LifecycleStep Busy(
        Runner runner, PodFacts pod, Deadlines deadlines, Authority authority, DateTimeOffset now)
    {
        var isTold = authority == Authority.Pool
            ? pod.Protected || runner.Note.Protected
            : pod.HasJob || runner.Note.JobWritten;
        if (!isTold)
            return LifecycleStep.Do(LifecycleAction.Protect);

        // GitHub called it busy, but the board shows no job of its: the job may have ended unseen.
        if (runner.Job is not { } job)
            return CheckAt((runner.Note.CheckedAt ?? runner.Since) + deadlines.Register, now);
        var overdue = runner.Since + deadlines.Job;
        if (now >= overdue && !runner.Note.OverdueReported)
            return LifecycleStep.Do(LifecycleAction.ReportOverdue);
        if (job.Id == (runner.Note.DescribedJob ?? pod.DescribedJob))
            return LifecycleStep.Wait(runner.Note.OverdueReported ? null : overdue);
        var describeAt = runner.Since + DescribeAfter;
        return now >= describeAt ? LifecycleStep.Do(LifecycleAction.Describe) : LifecycleStep.Wait(describeAt);
    }

    /// <summary>Its job has ended, its pod has not.</summary>
    private static LifecycleStep Leaving(Runner runner, Deadlines deadlines, DateTimeOffset now) =>
        After(runner.Since + deadlines.Register + FarewellTime, now, OutcomeKind.RanJob);

    /// <summary>
    /// Whether the registration of a runner whose pod is gone may still be there. GitHub removes it itself when its job
    /// has ended, but not when the runner did not live to say so: it was asked to go, or killed, in the middle.
    /// </summary>
    public static bool LeavesRegistration(Runner runner, PodFacts pod) =>
        runner.Job?.State != JobState.Completed
        && (pod.Exit is not { RanJob: true, Code: 0 }
            || pod.Exit.FromOutside
            || (pod.DeletingSince is not null && !runner.Note.Removed));

    private static LifecycleStep CheckAt(DateTimeOffset due, DateTimeOffset now) =>
        now >= due ? LifecycleStep.Do(LifecycleAction.Check) : LifecycleStep.Wait(due);
}
