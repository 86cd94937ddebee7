using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Records how runners ended: told once for each, when it is known.</summary>
internal sealed partial class RunnerConclusion(
    PoolMemory memory,
    EndedRunners endedRunners,
    Queues queues,
    StatusReporter reporter,
    PhaseTimings timings,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<RunnerConclusion> log)
{
    public void Ended(Runner runner, RunnerOutcome outcome)
    {
        var kind = outcome.Kind;
        metrics.RunnerExited(runner.Pool, kind);
        var ended = EndedRunner.Of(runner, runner.Pod!, outcome, runner.Pod!.Seen.Ended ?? time.GetUtcNow());
        endedRunners.Add(ended with { JobSeenAt = ended.Job is { } job ? timings.FirstSeen(job.Id) : null });
        foreach (var build in runner.Pod?.Exit?.Builds ?? [])
            metrics.Built(runner.Pool, build);
        var isSlots = memory.Slots.Ended(runner, kind, EndNotes.On(runner, kind).TrimEnd('.'));
        if (!(isSlots && outcome.IsFailure))
            memory.History.Ended(runner, outcome);
        LogEnded(runner.Pool, runner.Slot, kind);
        Warn(runner, outcome);
        queues.Pools.Add(runner.Pool);
    }

    private void Warn(Runner runner, RunnerOutcome outcome)
    {
        if (runner.Pod?.Exit?.Outcome == ExitOutcome.JobInterrupted)
        {
            metrics.JobInterrupted(runner.Pool);
            reporter.Warn(runner.Pool, nameof(ExitOutcome.JobInterrupted), EndNotes.OnInterrupted(runner));
        }
        if (runner.Pod?.Exit is { Unreadable: true })
        {
            metrics.Ignored("message");
            reporter.Warn(runner.Pool, "MessageIgnored",
                $"The last words of pod '{Slot.PodName(runner.Pool.Name, runner.Slot)}' are not what its program "
                + "writes, so what cannot be read of them is ignored. Its job may have written them.");
        }
        var (reason, note) = ($"Runner{outcome.Kind}", EndNotes.On(runner, outcome.Kind));
        if (outcome.IsFailure || outcome.Kind is OutcomeKind.OutOfMemory or OutcomeKind.Rejected)
            reporter.Warn(runner.Pool, reason, note);

        // What went as it should is told by the pod's labels, and costs no request.
        if (outcome.Kind is not (OutcomeKind.RanJob or OutcomeKind.NoJob))
            reporter.Tell(runner.Pod!, outcome.Kind != OutcomeKind.Retired, reason, note);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: the runner in slot {Slot} is gone: {Outcome}")]
    private partial void LogEnded(PoolKey pool, int slot, OutcomeKind outcome);
}
