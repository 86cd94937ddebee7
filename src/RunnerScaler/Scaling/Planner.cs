using System.Collections.Immutable;

namespace RunnerScaler.Scaling;

/// <summary>
/// Decides how many runners a pool needs. Demand is counted from levels at each pass; pods are never bound to a job, because
/// GitHub gives any matching job to any matching idle runner.
/// </summary>
internal static class Planner
{
    public static Plan Plan(PlanInput input)
    {
        var standbyTarget = WarmSchedule.Standby(input.Pool.Warm, input.Now);
        var admitted = Admission.Of(input);
        var supply = Supply.Of(input.Fleet, input.Pool);
        var missing = MissingPlaces(input, admitted, supply);
        var places = WantedPlaces(input, missing);

        var wanted = places.Length + standbyTarget;
        var mayCreate = MayCreate(input);
        var lacking = mayCreate ? Math.Max(0, wanted - supply.Unbound.Length) : 0;
        ImmutableArray<int> create = [.. input.Fleet.FreeSlots(input.Pool.MaxRunners).Take(lacking)];
        var grants = ClaimRule.Grant(OpenPlaces(input, missing), supply.Unbound);
        var retire = Surplus.ToRetire(input, supply, admitted, wanted);

        return new Plan(
            create, retire.Now, grants,
            Waiting.Reasons(input, admitted, supply, create.Length),
            standbyTarget,
            Earliest(retire.Next, WarmSchedule.NextChange(input.Pool.Warm, input.Now), input.CreateNotBefore, input.Now));
    }

    /// <summary>
    /// A target for each runner that is missing at GitHub, in the order of the jobs that need one; those to wait idle come
    /// last.
    /// </summary>
    private static ImmutableArray<RegistrationTarget> MissingPlaces(PlanInput input, Admission admitted, Supply supply)
    {
        var idle = new Dictionary<RegistrationTarget, int>(supply.IdleAt);
        var places = ImmutableArray.CreateBuilder<RegistrationTarget>();
        foreach (var target in admitted.Jobs.Select(j => j.Target).Concat(IdlePlaces(input.Pool)))
        {
            var left = idle.GetValueOrDefault(target);
            if (left > 0)
                idle[target] = left - 1;
            else
                places.Add(target);
        }
        return places.ToImmutable();
    }

    /// <summary>
    /// The places that pods are wanted for. Where a person has to act before anything can be registered, it is none; but one,
    /// when it is time to see whether somebody has.
    /// </summary>
    private static ImmutableArray<RegistrationTarget> WantedPlaces(
        PlanInput input, ImmutableArray<RegistrationTarget> missing)
    {
        var tried = new HashSet<RegistrationTarget>();
        return missing.RemoveAll(target =>
            input.TargetFaults.GetValueOrDefault(target) is { Passes: false } fault
            && (fault.Until > input.Now || !tried.Add(target)));
    }

    private static IEnumerable<RegistrationTarget> IdlePlaces(Pool pool) =>
        pool.IdleTarget is { } target ? Enumerable.Repeat(target, pool.Warm.Idle) : [];

    /// <summary>The places that may be given away now. After a fault one try at a time shows whether it has passed.</summary>
    private static IEnumerable<RegistrationTarget> OpenPlaces(PlanInput input, ImmutableArray<RegistrationTarget> missing)
    {
        if (input.Pool.Deleting || input.Fault is { Passes: false } or { Reason: FaultReason.RateLimited })
            return [];
        var probes = missing.Distinct()
            .Where(target => input.TargetFaults.GetValueOrDefault(target) is { } fault && !(fault.Until > input.Now))
            .Where(target => !input.Fleet.Runners.Any(r => r.Note.GrantInFlight && r.Target == target));
        return missing.Where(target => !input.TargetFaults.ContainsKey(target)).Concat(probes);
    }

    // A fault that passes by itself must not lower what was known before it: jobs seen earlier still get their pods.
    private static bool MayCreate(PlanInput input) =>
        !input.Pool.Deleting
        && input.Fault is not { Passes: false }
        && !(input.CreateNotBefore > input.Now);

    private static DateTimeOffset? Earliest(
        DateTimeOffset? a, DateTimeOffset? b, DateTimeOffset? c, DateTimeOffset after)
    {
        DateTimeOffset? earliest = null;
        foreach (var time in (ReadOnlySpan<DateTimeOffset?>)[a, b, c])
            if (time > after && (earliest is null || time < earliest))
                earliest = time;
        return earliest;
    }
}
