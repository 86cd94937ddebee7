using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// Carries one runner through its life: gather, decide, apply. Removes registration first, pod second.
/// </summary>
internal sealed partial class RunnerReconciler(
    IPodStore pods,
    IRunnerRegistrar registrar,
    LiveBoard board,
    RunnerNotes notes,
    PoolHistory history,
    SlotHistory slots,
    ClaimDesk desk,
    Orphans orphans,
    Authorities authorities,
    OpenEnds ends,
    PoolQueue poolQueue,
    RunnerQueue runnerQueue,
    StatusReporter reporter,
    LeaderGate gate,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<RunnerReconciler> log)
{
    /// <returns>Whether it worked, and when to look again although nothing happens (null: never).</returns>
    public async Task<(bool Worked, DateTimeOffset? Next)> ReconcileAsync(RunnerKey key, CancellationToken cancel)
    {
        if (pods.Find(key.Pool.Namespace, key.PodName) is not { } pod || pod.Pool != key.Pool)
            return (true, null);
        var runner = Seen(pod);
        var step = Lifecycle.Next(
            runner, authorities.Of(pod)?.Deadlines ?? new Deadlines(), gate.OpenSince, time.GetUtcNow(),
            authorities.CustodyOf(pod));
        var worked = step.Action switch
        {
            LifecycleAction.Protect => await ProtectAsync(pod, cancel),
            LifecycleAction.Check => await CheckAsync(runner, cancel),
            LifecycleAction.Retire => await RetireAsync(runner, step.Verdict, cancel),
            LifecycleAction.Bury => await BuryAsync(runner, cancel),
            LifecycleAction.ReportOverdue => ReportOverdue(runner),
            _ => true,
        };
        return (worked, step.Next);
    }

    /// <summary>The runner as all that is known says; what does not fit is told, once.</summary>
    private Runner Seen(PodFacts pod)
    {
        var pool = authorities.Of(pod);
        var note = notes.Of(pod.Uid);
        var runner = Runner.Of(pod, note, pool, board.Now);
        if (runner.Misfit == MarkMisfit.None || note.MisfitTold)
            return runner;
        notes.Update(pod.Uid, n => n with { MisfitTold = true });
        metrics.Ignored("mark");
        var why = MarkRule.Sentence(pod, runner.Misfit);
        LogMisfit(pod.Pool, why);
        reporter.Warn(pod.Pool, "MarkIgnored", why);
        return runner;
    }

    private async Task<bool> ProtectAsync(PodFacts pod, CancellationToken cancel)
    {
        var result = await pods.ProtectAsync(pod, cancel);
        if (result == ProtectResult.PodGone)
            return true;
        if (result != ProtectResult.Protected)
            return Later(pod, result.Why);
        notes.Update(pod.Uid, n => n with { Protected = true });
        runnerQueue.Add(new(pod.Pool, pod.Slot));
        return true;
    }

    private async Task<bool> CheckAsync(Runner runner, CancellationToken cancel)
    {
        if (runner.Grant is not { } grant)
            return true;
        var found = await registrar.FindAsync(grant.Target, grant.RunnerName, runner.Note.RunnerId, cancel);
        if (!found.Known)
            return false;
        var now = time.GetUtcNow();
        notes.Update(runner.Pod!.Uid, n => n with
        {
            CheckedAt = now,
            Seen = found.Registration,
            BusySince = found.Registration is { Busy: true } ? n.BusySince ?? now : null,
        });
        Again(runner);
        return true;
    }

    private async Task<bool> RetireAsync(Runner runner, Verdict verdict, CancellationToken cancel)
    {
        var pod = runner.Pod!;
        notes.Update(pod.Uid, n => n with { Retiring = verdict });
        desk.Dismiss(pod.Uid, "this runner is being removed");
        if (runner is { Grant: { } grant, Note.LetGo: false } && authorities.CustodyOf(pod) != Custody.Unknown)
        {
            switch (await registrar.DeregisterAsync(grant.Target, grant.RunnerName, runner.Note.RunnerId, cancel))
            {
                case DeregisterResult.Busy:
                    KeepBusy(runner);
                    return true;
                case DeregisterResult.Unavailable:
                    return false;
            }
            notes.Update(pod.Uid, n => n with { LetGo = true, GivenBack = true });
        }

        // Another leader may have given it another identity by now; that changes the pod.
        return await RemovePodAsync(pod, onlyIfUnchanged: true, cancel);
    }

    /// <summary>GitHub has just given it a job: it stays.</summary>
    private void KeepBusy(Runner runner)
    {
        var now = time.GetUtcNow();
        notes.Update(runner.Pod!.Uid, n => n with
        {
            Retiring = null,
            Dismissed = null,
            BusySince = n.BusySince ?? now,
            CheckedAt = now,
        });
        LogKept(runner.Pool, runner.Grant!.RunnerName);
        Again(runner);
    }

    private async Task<bool> BuryAsync(Runner runner, CancellationToken cancel)
    {
        if (Lifecycle.LeavesRegistration(runner, runner.Pod!))
            LetGo(runner);
        return await RemovePodAsync(runner.Pod!, onlyIfUnchanged: false, cancel);
    }

    private async Task<bool> RemovePodAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel)
    {
        notes.Update(pod.Uid, n => n with { Removed = true });
        var result = await pods.DeleteAsync(pod, onlyIfUnchanged, cancel);
        if (result == DeleteResult.Deleted)
            return true;
        notes.TryUpdate(pod.Uid, n => n.Removed ? n with
        {
            Removed = false,
            Retiring = result == DeleteResult.Changed ? null : n.Retiring,
            Dismissed = n.Retiring ?? n.Dismissed,
        } : null);
        return result == DeleteResult.Changed ? false : Later(pod, result.Why);
    }

    /// <summary>Tries again after a pause that grows, and that is no shorter than the API server asks for.</summary>
    private bool Later(PodFacts pod, Refusal? refusal)
    {
        if (refusal?.RetryAfter is { } asked)
            runnerQueue.Keys.NotBefore(
                new(pod.Pool, pod.Slot), asked < SlotPauses.LongestAsked ? asked : SlotPauses.LongestAsked);
        return false;
    }

    /// <summary>
    /// A pod is gone from the cluster, whoever removed it; told once for each, by the replica that leads.
    /// </summary>
    public void Vanished(PodFacts pod)
    {
        if (!gate.IsOpen)
            return;
        var runner = Seen(pod);
        var note = runner.Note;
        var outcome = RunnerOutcome.Of(runner, pod);
        orphans.Gone(pod.Uid);
        if (outcome.IsOpen && !note.GrantInFlight && runner.Grant is { } grant
            && authorities.CustodyOf(pod) != Custody.Unknown)
            ends.Await(grant.RunnerName, answer => Ended(runner, outcome.After(answer)));
        else
            Ended(runner, outcome);

        // Whoever is making its identity needs the note, and removes both in the end.
        if (note.GrantInFlight)
            return;
        if (Lifecycle.LeavesRegistration(runner, pod))
            LetGo(runner);
        notes.Forget(pod.Uid);
    }

    /// <summary>Has the registration deleted, unless it is already: at once, but without waiting for it.</summary>
    private void LetGo(Runner runner)
    {
        if (runner is not { Grant: { } grant, Note.LetGo: false }
            || authorities.CustodyOf(runner.Pod!) == Custody.Unknown)
            return;
        notes.Update(runner.Pod!.Uid, n => n with { LetGo = true });
        orphans.Add(new(grant.Target, grant.RunnerName, runner.Note.RunnerId));
    }

    private void Ended(Runner runner, RunnerOutcome outcome)
    {
        var verdict = outcome.Verdict;
        metrics.RunnerExited(runner.Pool, verdict);
        foreach (var build in runner.Pod?.Exit?.Builds ?? [])
            metrics.Built(runner.Pool, build);
        if (runner.Pod?.Exit?.Outcome == ExitOutcome.JobInterrupted)
            TellInterrupted(runner);
        var isSlots = slots.Ended(runner, verdict, EndNotes.On(runner, verdict).TrimEnd('.'));
        if (!(isSlots && outcome.IsFailure))
            history.Ended(runner, outcome);
        LogEnded(runner.Pool, runner.Slot, verdict);
        if (runner.Pod?.Exit is { Unreadable: true })
        {
            metrics.Ignored("message");
            reporter.Warn(runner.Pool, "MessageIgnored",
                $"The last words of pod '{Slot.PodName(runner.Pool.Name, runner.Slot)}' are not what its program "
                + "writes, so what cannot be read of them is ignored. Its job may have written them.");
        }
        if (outcome.IsFailure || outcome.Verdict is Verdict.OutOfMemory or Verdict.Rejected)
            reporter.Warn(runner.Pool, $"Runner{verdict}", EndNotes.On(runner, verdict));
        poolQueue.Add(runner.Pool);
    }

    private void TellInterrupted(Runner runner)
    {
        metrics.JobInterrupted(runner.Pool);
        reporter.Warn(runner.Pool, nameof(ExitOutcome.JobInterrupted), EndNotes.OnInterrupted(runner));
    }

    private bool ReportOverdue(Runner runner)
    {
        notes.Update(runner.Pod!.Uid, n => n with { OverdueReported = true });
        reporter.Warn(runner.Pool, "JobOverdue",
            $"Job {runner.Job?.Name.Quote()} of {runner.Job?.Repository} runs longer than spec.deadlines.job; "
            + "cancel it at GitHub if it hangs.");
        return true;
    }

    /// <summary>What was learned changes what is to be done.</summary>
    private void Again(Runner runner)
    {
        poolQueue.Add(runner.Pool);
        runnerQueue.Add(new(runner.Pool, runner.Slot));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: {Why}")]
    private partial void LogMisfit(PoolKey pool, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: {Runner} was just given a job and stays")]
    private partial void LogKept(PoolKey pool, string runner);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: the runner in slot {Slot} is gone: {Verdict}")]
    private partial void LogEnded(PoolKey pool, int slot, Verdict verdict);
}
