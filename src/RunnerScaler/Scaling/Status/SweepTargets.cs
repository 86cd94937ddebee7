using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Where runners of a pool may be registered.</summary>
internal static class SweepTargets
{
    /// <param name="pool">The pool.</param>
    /// <param name="board">Knows the repositories of whoever's are served one by one.</param>
    public static ImmutableArray<RegistrationTarget> Of(Pool pool, JobBoard board) =>
        [.. pool.Serves.SelectMany(scope => scope.Kind switch
        {
            ScopeKind.EachRepository => board.Readings
                .Where(r => r.Account == pool.Account && scope.Covers(r.Repository))
                .Select(r => scope.TargetFor(pool.Account, r.Repository)),
            _ => [new RegistrationTarget(pool.Account, scope.Owner, scope.Repository)],
        }).Distinct()];
}
