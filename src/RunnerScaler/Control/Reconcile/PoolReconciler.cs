using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.Reconcile;

/// <summary>
/// Brings one pool to the number of runners that it needs: gather, decide, apply. Never waits for a write.
/// </summary>
internal sealed class PoolReconciler(
    PoolGathering gathering,
    PlanApplier applier,
    PoolMemory memory,
    StatusReporter reporter,
    IScalerMetrics metrics,
    IEnumerable<IBudgetSource> budgets,
    ControlOptions options,
    TimeProvider time)
{
    public ReconcileResult Reconcile(PoolKey key)
    {
        var started = time.GetTimestamp();
        var failed = true;
        try
        {
            var next = Pass(key);
            failed = false;
            return next is { } delay ? ReconcileResult.After(delay) : ReconcileResult.Done;
        }
        finally
        {
            metrics.Reconciled(key, time.GetElapsedTime(started), failed);
        }
    }

    /// <returns>How long to wait, if nothing happens, before looking again; null if the pool is gone.</returns>
    private TimeSpan? Pass(PoolKey key)
    {
        if (gathering.Observe(key) is not { } observed)
        {
            Forget(key);
            applier.SendOff(gathering.Left(key));
            return null;
        }
        memory.See(observed.Object);
        if (observed.Object.Pool is { } pool)
            return Serve(pool, observed);
        applier.SendOff(gathering.Left(key));
        reporter.Offer(Broken(observed));
        return options.Resync;
    }

    private TimeSpan Serve(Pool pool, PoolObservation observed)
    {
        var input = gathering.Input(pool, observed, time.GetUtcNow());
        var plan = Planner.Plan(input);
        applier.Apply(input, plan);
        applier.SendAway(input, plan);
        applier.MoveOn(input, observed.AuthorityOf);
        reporter.Offer(Reading(input, plan, observed));
        return plan.NextChange - input.Now is { } until && until < options.Resync ? until : options.Resync;
    }

    private PoolReading Reading(PlanInput input, Plan plan, PoolObservation observed) => new()
    {
        Key = input.Pool.Key,
        Report = Report(input, plan, observed),
        Fleet = input.Fleet,
        Input = input,
        Plan = plan,
        At = input.Now,
    };

    private PoolReport Report(PlanInput input, Plan plan, PoolObservation observed)
    {
        var oldest = input.QueueKnown ? observed.Jobs.OldestReading(input.Pool.Account) : null;
        var report = PoolReporter.Report(observed.Object.Generation, input, plan, oldest)
            .With([
                PoolReporter.Unassigned(input),
                BudgetReporter.Of(input.Pool.Account, budgets.SelectMany(source => source.Budgets)),
                SlotRest.Condition(input.Pool, input.Resting),
                .. observed.Object.Notices,
            ]);
        return ForkExposure.Of(input.Pool, observed.Jobs) is { } exposure ? report.With([exposure]) : report;
    }

    private PoolReading Broken(PoolObservation observed)
    {
        var found = observed.Object;
        return new()
        {
            Key = found.Key,
            Report = PoolReporter.Broken(
                    found.Generation, found.Problem!, observed.Fleet.Counts(), gathering.Refused(found.Key, null))
                .With(found.Notices),
            Fleet = observed.Fleet,
            At = time.GetUtcNow(),
        };
    }

    private void Forget(PoolKey key)
    {
        memory.Forget(key);
        reporter.Forget(key);
        metrics.PoolForgotten(key);
    }
}
