namespace RunnerScaler.Scaling;

/// <summary>What to do with one runner now.</summary>
internal enum LifecycleAction
{
    Wait,

    /// <summary>Mark its pod as not to be evicted.</summary>
    Protect,

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
/// <param name="Verdict">How its life ended, for <see cref="LifecycleAction.Retire"/> and
/// <see cref="LifecycleAction.Bury"/>.</param>
/// <param name="Next">When to look again although nothing happens; null for never.</param>
internal readonly record struct LifecycleStep(LifecycleAction Action, Verdict Verdict, DateTimeOffset? Next)
{
    public static LifecycleStep Wait(DateTimeOffset? until = null) => new(LifecycleAction.Wait, default, until);

    public static LifecycleStep Do(LifecycleAction action, Verdict verdict = default) => new(action, verdict, null);
}

/// <summary>The life of one runner: every wait has a deadline, and every deadline a verdict.</summary>
internal static class Lifecycle
{
    /// <summary>Time that a runner whose registration is gone has to end by itself.</summary>
    internal static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time that a pod that runs has to claim again: after its last claim, or after its controller was replaced.
    /// </summary>
    internal static readonly TimeSpan ReclaimTime = TimeSpan.FromMinutes(2);

    /// <param name="runner">The runner.</param>
    /// <param name="deadlines">Its pool's deadlines.</param>
    /// <param name="leadingSince">Since when this process has led: claims made before are not in its memory.</param>
    /// <param name="now">The present time.</param>
    public static LifecycleStep Next(
        Runner runner, Deadlines deadlines, DateTimeOffset leadingSince, DateTimeOffset now)
    {
        if (runner.Pod is not { DeletingSince: null } pod || runner.Note.Removed)
            return LifecycleStep.Wait();
        if (pod.HasEnded)
            return LifecycleStep.Do(LifecycleAction.Bury, RunnerOutcome.Of(runner, pod).Verdict);

        // What GitHub is about to register cannot be removed yet, and what nobody can find never.
        if (runner.Note.GrantInFlight || runner.Misfit != MarkMisfit.None)
            return LifecycleStep.Wait();
        if (runner is { Note.Retiring: { } verdict, Job: not { State: JobState.Running } })
            return LifecycleStep.Do(LifecycleAction.Retire, verdict);
        return runner.State switch
        {
            RunnerState.Starting => After(StartBy(pod, deadlines, leadingSince), now, Verdict.StartDeadline),
            RunnerState.Standby => Standby(runner, leadingSince, now),
            RunnerState.Registered => Registered(runner, deadlines, now),
            RunnerState.Busy => Busy(runner, pod, deadlines, now),
            RunnerState.Finished => Leaving(runner, deadlines, now),
            _ => LifecycleStep.Wait(),
        };
    }

    private static DateTimeOffset StartBy(PodFacts pod, Deadlines deadlines, DateTimeOffset leadingSince)
    {
        var deadline = pod.Seen.Pod + deadlines.Start;
        var reclaim = leadingSince + ReclaimTime;
        return pod.StartedAt is not null && reclaim > deadline ? reclaim : deadline;
    }

    private static LifecycleStep After(DateTimeOffset deadline, DateTimeOffset now, Verdict verdict) =>
        now >= deadline ? LifecycleStep.Do(LifecycleAction.Retire, verdict) : LifecycleStep.Wait(deadline);

    // One that does not ask any more would be counted on for ever.
    private static LifecycleStep Standby(Runner runner, DateTimeOffset leadingSince, DateTimeOffset now)
    {
        if (runner.Note.Waiting)
            return LifecycleStep.Wait();
        var left = runner.Note.LeftAt ?? runner.Since;
        return After((left > leadingSince ? left : leadingSince) + ReclaimTime, now, Verdict.StartDeadline);
    }

    private static LifecycleStep Registered(Runner runner, Deadlines deadlines, DateTimeOffset now)
    {
        var note = runner.Note;
        if (note.CheckedAt is not { } checkedAt)
            return CheckAt((note.RegisteredAt ?? runner.Since) + deadlines.Register, now);
        return note.Seen switch
        {
            { Online: true } => CheckAt(checkedAt + deadlines.Idle, now),
            { } => LifecycleStep.Do(LifecycleAction.Retire, Verdict.RegisterDeadline),
            null => After(checkedAt + FarewellTime, now, Verdict.NoJob),
        };
    }

    private static LifecycleStep Busy(Runner runner, PodFacts pod, Deadlines deadlines, DateTimeOffset now)
    {
        if (!pod.Protected && !runner.Note.Protected)
            return LifecycleStep.Do(LifecycleAction.Protect);

        // GitHub called it busy, but the board shows no job of its: the job may have ended unseen.
        if (runner.Job is null)
            return CheckAt((runner.Note.CheckedAt ?? runner.Since) + deadlines.Register, now);
        var overdue = runner.Since + deadlines.Job;
        if (runner.Note.OverdueReported)
            return LifecycleStep.Wait();
        return now >= overdue ? LifecycleStep.Do(LifecycleAction.ReportOverdue) : LifecycleStep.Wait(overdue);
    }

    /// <summary>Its job has ended, its pod has not.</summary>
    private static LifecycleStep Leaving(Runner runner, Deadlines deadlines, DateTimeOffset now) =>
        After(runner.Since + deadlines.Register + FarewellTime, now, Verdict.RanJob);

    private static LifecycleStep CheckAt(DateTimeOffset due, DateTimeOffset now) =>
        now >= due ? LifecycleStep.Do(LifecycleAction.Check) : LifecycleStep.Wait(due);
}
