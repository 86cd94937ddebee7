using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Records how runners ended: told once for each, when it is known.</summary>
internal sealed partial class RunnerConclusion(
    PoolMemory memory,
    EndedRunners endedRunners,
    Queues queues,
    StatusReporter reporter,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<RunnerConclusion> log)
{
    public void Ended(Runner runner, RunnerOutcome outcome)
    {
        var verdict = outcome.Verdict;
        metrics.RunnerExited(runner.Pool, verdict);
        endedRunners.Add(
            EndedRunner.Of(runner, runner.Pod!, outcome, runner.Pod!.Seen.Ended ?? time.GetUtcNow()));
        foreach (var build in runner.Pod?.Exit?.Builds ?? [])
            metrics.Built(runner.Pool, build);
        var isSlots = memory.Slots.Ended(runner, verdict, EndNotes.On(runner, verdict).TrimEnd('.'));
        if (!(isSlots && outcome.IsFailure))
            memory.History.Ended(runner, outcome);
        LogEnded(runner.Pool, runner.Slot, verdict);
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
        if (outcome.IsFailure || outcome.Verdict is Verdict.OutOfMemory or Verdict.Rejected)
            reporter.Warn(runner.Pool, $"Runner{outcome.Verdict}", EndNotes.On(runner, outcome.Verdict));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: the runner in slot {Slot} is gone: {Verdict}")]
    private partial void LogEnded(PoolKey pool, int slot, Verdict verdict);
}
