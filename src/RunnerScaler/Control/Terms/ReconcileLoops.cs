using RunnerScaler.Control.Reconcile;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Control.Terms;

/// <summary>Says who looks at what, and how many do so side by side.</summary>
internal sealed class ReconcileLoops(
    PoolReconciler pools,
    RunnerReconciler runners,
    StatusReporter reporter,
    OrphanRemoval removal,
    Queues queues,
    Orphans orphans,
    WorkLoops loops,
    ControlOptions options)
{
    private const int PoolWorkers = 4;
    private const int RunnerWorkers = 8;
    private const int OrphanWorkers = 2;

    /// <summary>Starts all loops; each ends when cancelled.</summary>
    public IEnumerable<Task> Start(CancellationToken cancel) =>
    [
        .. loops.Start(
            "pools", PoolWorkers, queues.Pools, (key, _) => Task.FromResult(pools.Reconcile(key)), cancel,
            options.PassSpacing),
        .. loops.Start("status", 1, reporter.Keys, reporter.WriteAsync, cancel),
        .. loops.Start("runners", RunnerWorkers, queues.Runners, runners.ReconcileAsync, cancel),
        .. loops.Start("orphans", OrphanWorkers, orphans.Keys, removal.DeleteAsync, cancel),
    ];
}
