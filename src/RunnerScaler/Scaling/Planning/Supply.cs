using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>The runners that can still be given a job.</summary>
/// <param name="Unbound">Starting and standby runners of the pool's present shape: free for any target.</param>
/// <param name="Idle">Registered runners of that shape without a known job.</param>
internal sealed record Supply(ImmutableArray<Runner> Unbound, ImmutableArray<Runner> Idle)
{
    public static Supply Of(Fleet fleet, Pool pool, DateTimeOffset now)
    {
        var refused = fleet.Runners.Where(r => IsRefused(r, now)).Take(Planner.MostGivenUp).ToHashSet();
        return new(
            [.. fleet.Runners.Where(r => IsUnbound(r) && IsWanted(r, pool) && !refused.Contains(r))],
            [.. fleet.Runners.Where(r => IsRegistered(r) && IsWanted(r, pool))]);
    }

    /// <summary>How many idle runners there are, by where they are registered.</summary>
    public Dictionary<RegistrationTarget, int> IdleAt() => Idle.CountBy(r => r.Target!.Value).ToDictionary();

    public Supply Without(ImmutableArray<ClaimGrant> granted)
    {
        if (granted.IsEmpty)
            return this;
        var slots = granted.Select(g => g.Runner.Slot).ToHashSet();
        return this with { Unbound = [.. Unbound.Where(r => !slots.Contains(r.Slot))] };
    }

    /// <summary>Whether a runner without a job still fits its pool, and is not being removed.</summary>
    public static bool IsWanted(Runner runner, Pool pool) =>
        !pool.Deleting
        && runner.Slot < pool.MaxRunners
        && runner.Note.Retiring is null
        && (runner.Pod is null || runner.Pod.Revision == pool.Revision);

    /// <summary>Whether the API server has refused to mark its pod, and is not to be asked again yet.</summary>
    public static bool IsRefused(Runner runner, DateTimeOffset now) => runner.Note.GrantNotBefore > now;

    private static bool IsUnbound(Runner runner) => runner.State is RunnerState.Starting or RunnerState.Standby;

    // One whose registration GitHub does not know any more, or that gave it back, is given no job.
    private static bool IsRegistered(Runner runner) =>
        runner is { State: RunnerState.Registered, Target: not null, Note.Deregistered: false }
            and not { Note: { CheckedAt: not null, Seen: null } };
}
