using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Carries one runner through its life: gather, decide, apply.</summary>
internal sealed class RunnerReconciler(
    IPodStore pods,
    RunnerSchedule schedule,
    RunnerUpkeep upkeep,
    RunnerRemoval removal,
    TimeProvider time)
{
    public async Task<ReconcileResult> ReconcileAsync(RunnerKey key, CancellationToken cancel)
    {
        if (pods.Find(key.Pool.Namespace, key.PodName) is not { } pod || pod.Pool != key.Pool)
            return ReconcileResult.Done;
        var (runner, step) = schedule.Of(pod);
        return step.Action switch
        {
            LifecycleAction.Protect => await upkeep.ProtectAsync(pod, cancel),
            LifecycleAction.Describe => await upkeep.DescribeAsync(runner, cancel),
            LifecycleAction.Check => await upkeep.CheckAsync(runner, cancel),
            LifecycleAction.ReportOverdue => upkeep.ReportOverdue(runner),
            LifecycleAction.Retire => await removal.RetireAsync(runner, step.Outcome, cancel),
            LifecycleAction.Bury => await removal.BuryAsync(runner, cancel),
            _ => step.Next is { } due ? ReconcileResult.After(due - time.GetUtcNow()) : ReconcileResult.Done,
        };
    }
}
