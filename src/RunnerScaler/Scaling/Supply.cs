using System.Collections.Immutable;

namespace RunnerScaler.Scaling;

/// <summary>The runners that can still be given a job.</summary>
/// <param name="Unbound">Starting and standby runners of the pool's present shape: free for any target.</param>
/// <param name="Idle">Registered runners of that shape without a known job.</param>
internal sealed record Supply(ImmutableArray<Runner> Unbound, ImmutableArray<Runner> Idle)
{
    public static Supply Of(Fleet fleet, Pool pool) => new(
        [.. fleet.Runners.Where(r => r.State is RunnerState.Starting or RunnerState.Standby && IsWanted(r, pool))],
        [.. fleet.Runners.Where(r => IsRegistered(r) && IsWanted(r, pool))]);

    /// <summary>How many idle runners there are, by where they are registered.</summary>
    public Dictionary<RegistrationTarget, int> IdleAt() => Idle.CountBy(r => r.Target!.Value).ToDictionary();

    public Supply Without(ImmutableArray<ClaimGrant> granted) =>
        this with { Unbound = Unbound.RemoveAll(r => granted.Any(g => g.Runner.Slot == r.Slot)) };

    /// <summary>Whether a runner without a job still fits its pool, and is not being removed.</summary>
    public static bool IsWanted(Runner runner, Pool pool) =>
        !pool.Deleting
        && runner.Slot < pool.MaxRunners
        && runner.Note.Retiring is null
        && (runner.Pod is null || runner.Pod.Revision == pool.Revision);

    // One whose registration GitHub does not know any more, or that gave it back, is given no job.
    private static bool IsRegistered(Runner runner) =>
        runner is { State: RunnerState.Registered, Target: not null, Note.LetGo: false }
            and not { Note: { CheckedAt: not null, Seen: null } };
}
