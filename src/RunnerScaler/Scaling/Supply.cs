using System.Collections.Immutable;

namespace RunnerScaler.Scaling;

/// <summary>The runners that can still be given a job.</summary>
/// <param name="Unbound">Starting and standby runners of the pool's present shape: free for any target.</param>
/// <param name="IdleAt">Registered runners without a known job, by where they are registered.</param>
internal sealed record Supply(
    ImmutableArray<Runner> Unbound, ImmutableDictionary<RegistrationTarget, int> IdleAt)
{
    public static Supply Of(Fleet fleet, Pool pool) => new(
        [.. fleet.Runners.Where(r => r.State is RunnerState.Starting or RunnerState.Standby && IsWanted(r, pool))],
        fleet.Runners
            .Where(r => r is { State: RunnerState.Registered, Note.Retiring: null, Target: not null })
            .GroupBy(r => r.Target!.Value)
            .ToImmutableDictionary(g => g.Key, g => g.Count()));

    /// <summary>Whether a runner without an identity still fits its pool, and is not being removed.</summary>
    public static bool IsWanted(Runner runner, Pool pool) =>
        runner.Slot < pool.MaxRunners
        && runner.Note.Retiring is null
        && (runner.Pod is null || runner.Pod.Revision == pool.Revision);
}
