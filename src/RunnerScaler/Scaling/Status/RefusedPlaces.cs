using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Where nothing can be registered until a person acts: one place of several does not make the pool
/// bad.</summary>
internal static class RefusedPlaces
{
    /// <returns>The problem to tell, which names its place; and whether it stands for all that the pool
    /// serves.</returns>
    public static (Problem? Problem, bool All) Of(PlanInput input)
    {
        if (input.Problem is { Passes: false } whole)
            return (whole, true);
        var problem = First(input.OwnerProblems) is { Passes: false } owners ? owners
            : First(input.TargetProblems) is { Passes: false } targets ? targets
            : null;
        return (problem, problem is not null && Targets(input).All(t => IsRefused(input, t)));
    }

    /// <summary>The problem to tell of several: the same one each time, and first what an operator has to
    /// fix.</summary>
    public static Problem? First<TKey>(IEnumerable<KeyValuePair<TKey, Problem>> problems) => problems
        .OrderBy(f => f.Value.Passes)
        .ThenBy(f => $"{f.Key}", StringComparer.Ordinal)
        .Select(f => f.Value)
        .FirstOrDefault();

    private static IEnumerable<RegistrationTarget> Targets(PlanInput input) => input.Targets.IsEmpty
        ? input.Pool.Serves.Where(s => s.Kind != ScopeKind.EachRepository)
            .Select(s => new RegistrationTarget(input.Pool.Account, s.Owner, s.Repository))
        : input.Targets;

    private static bool IsRefused(PlanInput input, RegistrationTarget target) =>
        input.OwnerProblems.GetValueOrDefault(target.Owner) is { Passes: false }
        || input.TargetProblems.GetValueOrDefault(target) is { Passes: false };
}
