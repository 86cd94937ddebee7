using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Where nothing can be registered until a person acts: one place of several does not make the pool
/// bad.</summary>
internal static class RefusedPlaces
{
    /// <returns>The fault to tell, which names its place; and whether it stands for all that the pool serves.</returns>
    public static (Fault? Fault, bool All) Of(PlanInput input)
    {
        if (input.Fault is { Passes: false } whole)
            return (whole, true);
        var fault = First(input.OwnerFaults) is { Passes: false } owners ? owners
            : First(input.TargetFaults) is { Passes: false } targets ? targets
            : null;
        return (fault, fault is not null && Targets(input).All(t => IsRefused(input, t)));
    }

    /// <summary>The fault to tell of several: the same one each time, and first what a person has to mend.</summary>
    public static Fault? First<TKey>(IEnumerable<KeyValuePair<TKey, Fault>> faults) => faults
        .OrderBy(f => f.Value.Passes)
        .ThenBy(f => $"{f.Key}", StringComparer.Ordinal)
        .Select(f => f.Value)
        .FirstOrDefault();

    private static IEnumerable<RegistrationTarget> Targets(PlanInput input) => input.Targets.IsEmpty
        ? input.Pool.Serves.Where(s => s.Kind != ScopeKind.EachRepository)
            .Select(s => new RegistrationTarget(input.Pool.Account, s.Owner, s.Repository))
        : input.Targets;

    private static bool IsRefused(PlanInput input, RegistrationTarget target) =>
        input.OwnerFaults.GetValueOrDefault(target.Owner) is { Passes: false }
        || input.TargetFaults.GetValueOrDefault(target) is { Passes: false };
}
