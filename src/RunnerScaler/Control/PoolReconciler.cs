using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// Brings one pool to the number of runners that it needs: gather, decide, apply. Never waits for a write.
/// </summary>
internal sealed partial class PoolReconciler(
    IPoolStore pools,
    IPodStore pods,
    LiveBoard board,
    RunnerNotes notes,
    PendingWrites pending,
    SlotPauses pauses,
    Refusals refusals,
    PoolHistory history,
    SlotHistory slots,
    Assignments assignments,
    TargetFaults targetFaults,
    ClaimDesk desk,
    RunnerQueue runners,
    PoolQueue queue,
    Authorities authorities,
    StatusReporter reporter,
    Lanes lanes,
    LeaderGate gate,
    IScalerMetrics metrics,
    ControlOptions options,
    TimeProvider time,
    ILogger<PoolReconciler> log)
{
    private readonly ConcurrentDictionary<PoolKey, (string Uid, long Generation)> generations = new();

    /// <returns>How long to wait, if nothing happens, before looking again; null if the pool is gone.</returns>
    public TimeSpan? Reconcile(PoolKey key)
    {
        var all = pools.Pools;
        if (all.FirstOrDefault(p => p.Key == key) is not { } found)
        {
            Forget(key);
            LookAtLeft(key);
            return null;
        }
        NoteGeneration(found);
        var (jobs, demand) = board.Share(all);
        var authority = authorities.ForPass();
        var fleet = Fleet.Of(pods.InPool(key), pending.Of(key), notes.Of, pod => authority(pod).Pool, jobs);
        if (found.Pool is not { } pool)
        {
            LookAtLeft(key);
            var broken = PoolReporter.Broken(
                found.Generation, found.Fault!, fleet.Counts(), RefusalReporter.Of(refusals.Standing, key, null));
            reporter.Offer(key, broken.With(found.Notices));
            return options.Resync;
        }
        var input = assignments.Judge(Gather(pool, jobs, demand.Of(key), fleet), jobs);
        var plan = Planner.Plan(input);
        Apply(pool, plan);
        Look(input, pod => authority(pod).Custody);
        var oldest = input.QueueKnown ? jobs.OldestReading(pool.Account) : null;
        var report = PoolReporter.Report(found.Generation, input, plan, oldest)
            .With([PoolReporter.Unassigned(input), SlotRest.Condition(input), .. found.Notices]);
        reporter.Offer(key, ForkExposure.Of(pool, jobs) is { } exposure ? report.With([exposure]) : report);
        return plan.NextChange - input.Now is { } until && until < options.Resync ? until : options.Resync;
    }

    private PlanInput Gather(Pool pool, JobBoard jobs, PoolDemand demand, Fleet fleet)
    {
        var now = time.GetUtcNow();
        var pause = history.PauseOf(pool.Key);
        var targets = SweepTargets.Of(pool, jobs);
        if (jobs.IsListed(pool.Account))
            targetFaults.Keep(pool.Key, targets);
        return new()
        {
            Pool = pool,
            Demand = demand,
            Fleet = fleet,
            Spent = history.SpentOf(pool.Key, fleet, jobs),
            Fault = jobs.FaultFor(pool),
            OwnerFaults = jobs.OwnerFaultsFor(pool),
            Targets = targets,
            Unread = jobs.UnreadFor(pool, now),
            TargetFaults = targetFaults.Of(pool.Key),
            QueueKnown = jobs.IsKnown(pool.Account),
            AccountListed = jobs.IsListed(pool.Account),
            Paused = pauses.Of(pool.Key),
            Refusals = RefusalReporter.Of(refusals.Standing, pool.Key, pool.Account.Secret),
            Outdated = history.OutdatedOf(pool.Key),
            CreateNotBefore = pause?.Until,
            Refusal = pause?.Refusal,
            Resting = slots.Look(pool.Key, fleet),
            Now = now,
        };
    }

    private void Apply(Pool pool, Plan plan)
    {
        foreach (var grant in plan.Grants)
            desk.Grant(pool, grant);
        foreach (var (runner, verdict) in plan.Retire)
        {
            notes.Update(runner.Pod!.Uid, n => n with { Retiring = verdict });
            desk.Dismiss(runner.Pod.Uid, "no job needs this runner");
            runners.Add(new(pool.Key, runner.Slot));
        }
        foreach (var slot in plan.Create)
        {
            pending.Expect(pool.Key, slot);
            lanes.Pods.Start(() => CreateAsync(pool.Key, slot));
        }
        if (!pool.Deleting)
            foreach (var slot in pending.TakeDue(pool.Key, pool.MaxRunners))
                lanes.Pods.Start(() => CreateAsync(pool.Key, slot));
        if (plan.Create.Length + plan.Retire.Length > 0)
            LogScaled(pool.Key, plan.Create.Length, plan.Retire.Length, plan.Waiting.Length);
    }

    /// <summary>Sends those runners on their way whose life the board, not the watch, has moved on.</summary>
    private void Look(PlanInput input, Func<PodFacts, Custody> custodyOf)
    {
        foreach (var runner in input.Fleet.Runners)
        {
            if (runner is { Job: not null, Pod: { } pod, Note.JobSeen: false })
            {
                notes.Update(pod.Uid, n => n with { JobSeen = true });
                history.TookJob(pod);
            }
            var custody = runner.Pod is { } its ? custodyOf(its) : Custody.Pool;
            var step = Lifecycle.Next(runner, input.Pool.Deadlines, gate.OpenSince, input.Now, custody);
            if (step.Action != LifecycleAction.Wait)
                runners.Keys.Offer(new(runner.Pool, runner.Slot));
        }
    }

    /// <summary>Sends the runners of pools that are gone on their way.</summary>
    private void LookAtLeft(PoolKey key)
    {
        foreach (var left in pods.InPool(key))
            if (authorities.CustodyOf(left) != Custody.Pool)
                runners.Keys.Offer(new(key, left.Slot));
    }

    private async Task CreateAsync(PoolKey pool, int slot)
    {
        var sent = time.GetTimestamp();
        try
        {
            Conclude(pool, slot, await pods.CreateAsync(pool, slot, CancellationToken.None), sent);
        }
        catch (LeadershipLostException)
        {
            pending.Failed(pool, slot);
            throw;
        }
        catch
        {
            AskAgain(pool, slot, null);
            throw;
        }
    }

    private void Conclude(PoolKey pool, int slot, CreateResult result, long sent)
    {
        switch (result)
        {
            case CreateResult.Created created:
                metrics.PhaseTook(pool, RunnerPhase.Create, time.GetElapsedTime(sent));
                pending.Created(pool, slot, created.Uid);
                pauses.Clear(pool, slot);
                break;
            case CreateResult.AlreadyExists:
                pending.AlreadyExists(pool, slot);
                pauses.Clear(pool, slot);
                break;
            case CreateResult.Foreign foreign:
                pending.Foreign(pool, slot);
                reporter.Warn(pool, foreign.Fault.Reason.ToString(), foreign.Fault.Message);
                queue.Add(pool);
                break;
            case CreateResult.Refused refused:
                slots.Refused(pool, slot, refused.Fault.Message.TrimEnd('.'));
                // What the API server itself refuses may be the slot's fault; what the cluster lacks is the pool's.
                if (refused.Fault.Reason != FaultReason.PodRefused)
                    history.Refused(pool, refused.Fault.Message);
                LogRefused(pool, slot, refused.Fault.Message);
                reporter.Warn(pool, refused.Fault.Reason.ToString(), refused.Fault.Message);
                Rest(pool, slot, null);
                break;
            case CreateResult.NotNow notNow:
                LogRefused(pool, slot, notNow.Why);
                Rest(pool, slot, notNow.RetryAfter);
                break;
            case CreateResult.Unavailable unavailable:
                LogUnavailable(pool, slot, unavailable.Why);
                AskAgain(pool, slot, unavailable.RetryAfter);
                break;
        }
    }

    /// <summary>There is no pod: the slot is free, and rests before it is tried again.</summary>
    private void Rest(PoolKey pool, int slot, TimeSpan? retryAfter)
    {
        // In this order, so that no pass finds the slot free and not at rest.
        var until = pauses.Put(pool, slot, retryAfter);
        pending.Failed(pool, slot);
        queue.AddAfter(pool, until - time.GetUtcNow());
    }

    /// <summary>There may be one: the slot stays taken, and its name makes asking again harmless.</summary>
    private void AskAgain(PoolKey pool, int slot, TimeSpan? retryAfter)
    {
        var at = pauses.Put(pool, slot, retryAfter);
        pending.Unknown(pool, slot, at);
        queue.AddAfter(pool, at - time.GetUtcNow());
    }

    /// <summary>A changed spec starts afresh: what failed before may have been mended.</summary>
    private void NoteGeneration(PoolObject found)
    {
        var now = (found.Uid, found.Generation);
        var before = generations.GetValueOrDefault(found.Key, now);
        generations[found.Key] = now;
        if (before == now)
            return;
        Unlearn(found.Key);
    }

    private void Unlearn(PoolKey key)
    {
        history.Forget(key);
        slots.Forget(key);
        assignments.Forget(key);
        pauses.Forget(key);
        targetFaults.Forget(key);
    }

    private void Forget(PoolKey key)
    {
        generations.TryRemove(key, out _);
        Unlearn(key);
        reporter.Forget(key);
        metrics.PoolForgotten(key);
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Pool {Pool}: creating {Created}, retiring {Retired}; {Waiting} jobs wait")]
    private partial void LogScaled(PoolKey pool, int created, int retired, int waiting);

    // What lasts is told once by whoever keeps the refusals.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Pool {Pool}: slot {Slot} was not created: {Why}")]
    private partial void LogRefused(PoolKey pool, int slot, string why);

    [LoggerMessage(Level = LogLevel.Debug,
        Message = "Pool {Pool}: whether slot {Slot} was created is not known: {Why}")]
    private partial void LogUnavailable(PoolKey pool, int slot, string why);
}
