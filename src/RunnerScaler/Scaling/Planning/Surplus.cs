using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>Which runners nobody needs any more.</summary>
internal static class Surplus
{
    /// <param name="input">The pass.</param>
    /// <param name="supply">The runners that can be given a job, without those that are given an identity now.</param>
    /// <param name="admitted">The jobs to be served.</param>
    /// <param name="wanted">How many runners without an identity are wanted beside those.</param>
    /// <returns>Those to remove now, and when there may be more although nothing happens.</returns>
    public static (ImmutableArray<Retirement> Now, DateTimeOffset? Next) ToRetire(
        PlanInput input, Supply supply, EligibleJobs admitted, int wanted)
    {
        var misfits = input.Fleet.Runners.Where(r => IsMisfit(r, input.Pool));
        if (!input.QueueKnown)
            return ([.. misfits.Select(Retire)], null);

        var unneeded = Unneeded(supply.Unbound, supply.Unbound.Length - wanted)
            .Concat(UnneededIdle(input, supply, admitted));
        var ripe = unneeded.ToLookup(r => r.Since + input.Pool.Deadlines.Idle <= input.Now);
        DateTimeOffset? next = ripe[false].Any() ? ripe[false].Min(r => r.Since) + input.Pool.Deadlines.Idle : null;
        return ([.. misfits.Concat(ripe[true]).Select(Retire)], next);
    }

    private static Retirement Retire(Runner runner) => new(runner, OutcomeKind.Retired);

    /// <summary>
    /// It has no job, and its slot or its shape is not the pool's any more. While its identity is being made it stays:
    /// what GitHub is about to register could not be removed yet.
    /// </summary>
    private static bool IsMisfit(Runner runner, Pool pool) =>
        runner is { Pod: not null, Note: { Retiring: null, GrantInFlight: false } }
        && runner.State is RunnerState.Starting or RunnerState.Standby or RunnerState.Registered
        && !Supply.IsWanted(runner, pool);

    // One without a node goes first: it makes an autoscaler add one for nobody.
    private static IEnumerable<Runner> Unneeded(ImmutableArray<Runner> unbound, int surplus) =>
        unbound.Where(r => r.Pod is not null)
            .OrderBy(r => r.Pod!.ScheduledAt is not null)
            .ThenByDescending(r => r.Slot)
            .Take(Math.Max(0, surplus));

    private static IEnumerable<Runner> UnneededIdle(PlanInput input, Supply supply, EligibleJobs admitted) =>
        supply.Idle
        .Where(r => !r.Note.GrantInFlight)
        .GroupBy(r => r.Target!.Value)
        .SelectMany(g => g.OrderBy(r => r.Since).Take(Math.Max(0, g.Count() - NeededAt(input.Pool, admitted, g.Key))));

    /// <summary>
    /// Runners whose registration has been decided on, but not been asked for at GitHub yet, and that nobody needs any
    /// more: the last to be decided on first.
    /// </summary>
    public static ImmutableArray<Runner> ToWithdraw(PlanInput input, Supply supply, EligibleJobs admitted) =>
        !input.QueueKnown ? [] : [.. supply.Idle
            .GroupBy(r => r.Target!.Value)
            .SelectMany(g => g
                .Where(r => r.Note is { GrantInFlight: true, Requested: false })
                .OrderByDescending(r => r.Since).ThenByDescending(r => r.Slot)
                .Take(Math.Max(0, g.Count() - NeededAt(input.Pool, admitted, g.Key))))];

    private static int NeededAt(Pool pool, EligibleJobs admitted, RegistrationTarget target) =>
        admitted.Jobs.Count(j => j.Target == target) + (pool.IdleTarget == target ? pool.Warm.Idle : 0);
}
