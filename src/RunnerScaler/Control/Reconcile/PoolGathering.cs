using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Gathers what a pool's pass decides by.</summary>
internal sealed class PoolGathering(
    IPoolStore pools,
    IPodStore pods,
    JobBoardStore board,
    RunnerNotes notes,
    PendingWrites pending,
    PoolMemory memory,
    Authorities authorities,
    Refusals refusals)
{
    /// <summary>The pool and its runners as they are; null if the pool is gone.</summary>
    public PoolObservation? Observe(PoolKey key)
    {
        var all = pools.Pools;
        if (all.FirstOrDefault(p => p.Key == key) is not { } found)
            return null;
        var (jobs, demand) = board.Share(all);
        var authority = authorities.ForPass();
        var fleet = Fleet.Of(pods.InPool(key), pending.Of(key), notes.Of, pod => authority(pod).Pool, jobs);
        return new(found, fleet, jobs, demand.Of(key), pod => authority(pod).Authority) { Pools = all.Length };
    }

    /// <summary>What the API server refuses that a pool needs, the worst first.</summary>
    /// <param name="key">The pool.</param>
    /// <param name="secret">Where its credential is; null if that is not known.</param>
    public ImmutableArray<StandingRefusal> Refused(PoolKey key, string? secret) =>
        RefusalReporter.Of(refusals.Standing, key, secret);

    /// <summary>The runners that are left of pools that are gone.</summary>
    public IEnumerable<PodFacts> Left(PoolKey key) =>
        pods.InPool(key).Where(left => authorities.AuthorityOf(left) != Authority.Pool);

    /// <summary>All that the plan of a valid pool is made from.</summary>
    public PlanInput Input(Pool pool, PoolObservation observed, DateTimeOffset now)
    {
        var (key, jobs) = (pool.Key, observed.Jobs);
        var pause = memory.History.PauseOf(key);
        var targets = SweepTargets.Of(pool, jobs);
        if (jobs.IsListed(pool.Account))
            memory.Problems.Keep(key, targets);
        return memory.Assignments.Judge(
            new()
            {
                Pool = pool,
                Demand = observed.Demand,
                Fleet = observed.Fleet,
                RecentlyFinished = memory.History.RecentlyFinishedOf(key, observed.Fleet, jobs),
                Problem = jobs.ProblemFor(pool),
                OwnerProblems = jobs.OwnerProblemsFor(pool),
                Targets = targets,
                Unread = jobs.UnreadFor(pool, now),
                TargetProblems = memory.Problems.Of(key),
                QueueKnown = jobs.IsKnown(pool.Account),
                AccountListed = jobs.IsListed(pool.Account),
                Paused = memory.Pauses.Of(key),
                Refusals = Refused(key, pool.Account.Secret),
                Outdated = memory.History.OutdatedOf(key),
                CreateNotBefore = pause?.Until,
                Refusal = pause?.Refusal,
                Resting = memory.Slots.Observe(key, observed.Fleet),
                Pools = observed.Pools,
                Now = now,
            },
            jobs);
    }
}

/// <summary>A pool as one pass sees it.</summary>
/// <param name="Object">The pool.</param>
/// <param name="Fleet">Its runners.</param>
/// <param name="Jobs">The board.</param>
/// <param name="Demand">The jobs that are its.</param>
/// <param name="AuthorityOf">Who answers for a pod's runner.</param>
internal sealed record PoolObservation(
    PoolObject Object, Fleet Fleet, JobBoard Jobs, PoolDemand Demand, Func<PodFacts, Authority> AuthorityOf)
{
    /// <summary>How many pools there are.</summary>
    public required int Pools { get; init; }
}
