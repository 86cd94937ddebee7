using RunnerScaler.Control.Claims;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Reconcile;

/// <summary>Does what a pool's plan says. Never waits for a write.</summary>
internal sealed partial class PlanApplier(
    PodCreator creator,
    RunnerRegisterer registerer,
    ClaimWaiters waiters,
    RunnerNotes notes,
    PoolMemory memory,
    Queues queues,
    LeaderGate gate,
    ILogger<PlanApplier> log)
{
    public void Apply(PlanInput input, Plan plan)
    {
        var pool = input.Pool;
        Withdraw(input.Fleet, plan);
        foreach (var grant in plan.Grants)
            registerer.Give(pool, grant);
        foreach (var (runner, outcome) in plan.Retire)
        {
            notes.Update(runner.Pod!.Uid, n => n with { Retiring = outcome });
            waiters.TellToExit(runner.Pod.Uid, "no job needs this runner");
            queues.Runners.Add(new(pool.Key, runner.Slot));
        }
        creator.Create(pool.Key, plan);
        if (!pool.Deleting)
            creator.CreateDue(pool.Key, pool.MaxRunners);
        if (plan.Create.Length + plan.Retire.Length > 0)
            LogScaled(pool.Key, plan.Create.Length, plan.Retire.Length, plan.Waiting.Length);
    }

    // Another pass may want again what one did not want any more.
    private void Withdraw(Fleet fleet, Plan plan)
    {
        foreach (var runner in fleet.Runners)
        {
            if (runner is not { Pod: { } pod, Note: { GrantInFlight: true, Requested: false } note })
                continue;
            var withdrawn = plan.Withdraw.Contains(runner);
            if (withdrawn != note.Withdrawn)
                notes.TryUpdate(pod.Uid, n => n is { GrantInFlight: true, Requested: false }
                    ? n with { Withdrawn = withdrawn }
                    : null);
        }
    }

    /// <summary>Ends the claims that are not worth a connection each, and says when their pods are to come
    /// again.</summary>
    public void SendAway(PlanInput input, Plan plan)
    {
        var room = waiters.RoomFor(ClaimRoom.Held(input.Fleet), input.Pools);
        foreach (var (runner, after) in ClaimRoom.SendAway(input, plan, room))
        {
            // Noted first: whoever plans from now on knows that nobody listens.
            var uid = runner.Pod!.Uid;
            if (notes.TryUpdate(uid, n => n is { Waiting: true, GrantInFlight: false }
                ? n with { Waiting = false, LeftAt = input.Now + after }
                : null))
                waiters.Answer(uid, new ClaimAnswer.Standby(after));
        }
    }

    /// <summary>Sends those runners on their way whose life the board, not the watch, has moved on.</summary>
    public void MoveOn(PlanInput input, Func<PodFacts, Authority> authorityOf)
    {
        foreach (var runner in input.Fleet.Runners)
        {
            var isNews = runner is { Job: not null, Pod: not null, Note.JobSeen: false };
            if (isNews)
            {
                var pod = runner.Pod!;
                notes.Update(pod.Uid, n => n with { JobSeen = true });
                memory.History.TookJob(pod);
            }
            var authority = runner.Pod is { } its ? authorityOf(its) : Authority.Pool;
            var step = Lifecycle.Next(runner, input.Pool.Deadlines, gate.OpenSince, input.Now, authority);

            // Whoever has a job from now on waits for other things than before.
            if (isNews || step.Action != LifecycleAction.Wait)
                queues.Runners.AddUnlessBackingOff(new(runner.Pool, runner.Slot));
        }
    }

    /// <summary>Sends the runners of pools that are gone on their way.</summary>
    public void SendOff(IEnumerable<PodFacts> left)
    {
        foreach (var pod in left)
            queues.Runners.AddUnlessBackingOff(new(pod.Pool, pod.Slot));
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Pool {Pool}: creating {Created}, retiring {Retired}; {Waiting} jobs wait")]
    private partial void LogScaled(PoolKey pool, int created, int retired, int waiting);
}
