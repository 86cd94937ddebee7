using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>What is done for runners that stay.</summary>
internal sealed partial class RunnerUpkeep(
    IPodStore pods,
    IRunnerRegistrar registrar,
    RunnerNotes notes,
    StatusReporter reporter,
    Queues queues,
    TimeProvider time,
    ILogger<RunnerUpkeep> log)
{
    /// <summary>Protects a pod that has a job from eviction, and from the end of its pool.</summary>
    public async Task<ReconcileResult> ProtectAsync(PodFacts pod, CancellationToken cancel)
    {
        var result = await pods.ProtectAsync(pod, cancel);
        if (result == ProtectResult.PodGone)
            return ReconcileResult.Done;
        if (result != ProtectResult.Protected)
            return SlotPauses.RetryAfter(result.Why);
        notes.Update(pod.Uid, n => n with { Protected = true, JobWritten = true });
        return ReconcileResult.After(TimeSpan.Zero);
    }

    /// <summary>Writes on its pod which job it has, for those who look at pods.</summary>
    public async Task<ReconcileResult> DescribeAsync(Runner runner, CancellationToken cancel)
    {
        if (runner is not { Pod: { } pod, Job: { } job })
            return ReconcileResult.Done;
        var result = await pods.DescribeAsync(pod, job, cancel);
        if (result == ProtectResult.PodGone)
            return ReconcileResult.Done;
        if (result != ProtectResult.Protected)
            return SlotPauses.RetryAfter(result.Why);
        notes.Update(pod.Uid, n => n with { DescribedJob = job.Id });
        return ReconcileResult.After(TimeSpan.Zero);
    }

    /// <summary>Asks GitHub what has become of a runner.</summary>
    public async Task<ReconcileResult> CheckAsync(Runner runner, CancellationToken cancel)
    {
        if (runner.Grant is not { } grant)
            return ReconcileResult.Done;
        var found = await registrar.FindAsync(grant.Target, grant.RunnerName, runner.Note.RunnerId, cancel);
        if (!found.Known)
            return ReconcileResult.Retry();
        var now = time.GetUtcNow();
        notes.Update(runner.Pod!.Uid, n => n with
        {
            CheckedAt = now,
            Seen = found.Registration,
            BusySince = found.Registration is { Busy: true } ? n.BusySince ?? now : null,
        });
        queues.Add(runner.Pod);
        return ReconcileResult.Done;
    }

    /// <summary>GitHub has just given it a job: it stays.</summary>
    public void KeepBusy(Runner runner)
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
        queues.Add(runner.Pod);
    }

    /// <summary>Tells that its job runs longer than the pool expects; the job goes on.</summary>
    public ReconcileResult ReportOverdue(Runner runner)
    {
        notes.Update(runner.Pod!.Uid, n => n with { OverdueReported = true });
        reporter.Warn(runner.Pool, "JobOverdue",
            $"Job {runner.Job?.Name.Quote()} of {runner.Job?.Repository} runs longer than spec.deadlines.job; "
            + "cancel it at GitHub if it hangs.");
        return ReconcileResult.Done;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: {Runner} was just given a job and stays")]
    private partial void LogKept(PoolKey pool, string runner);
}
