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
        var places = WantedPlaces(input, admitted, supply);

        var wanted = places.Length + standbyTarget;
        var mayCreate = MayCreate(input);
        var missing = mayCreate ? Math.Max(0, wanted - supply.Unbound.Length) : 0;
        ImmutableArray<int> create = [.. input.Fleet.FreeSlots(input.Pool.MaxRunners).Take(missing)];
        var grants = ClaimRule.Grant(OpenPlaces(input, admitted, places), supply.Unbound);
        var retire = Surplus.ToRetire(input, supply, admitted, wanted);

        return new Plan(
            create, retire.Now, grants,
            Waiting.Reasons(input, admitted, supply, create.Length),
            standbyTarget,
            Earliest(retire.Next, WarmSchedule.NextChange(input.Pool.Warm, input.Now), input.CreateNotBefore, input.Now));
    }

    /// <summary>
    /// A target for each runner that is missing at GitHub, in the order of the jobs that need one; those to wait idle come
    /// last. Where a person has to act before anything can be registered, nothing is wanted.
    /// </summary>
    private static ImmutableArray<RegistrationTarget> WantedPlaces(PlanInput input, Admission admitted, Supply supply)
    {
        var idle = new Dictionary<RegistrationTarget, int>(supply.IdleAt);
        var places = ImmutableArray.CreateBuilder<RegistrationTarget>();
        foreach (var target in admitted.Jobs.Select(j => j.Target).Concat(IdlePlaces(input.Pool)))
        {
            var left = idle.GetValueOrDefault(target);
            if (left > 0)
                idle[target] = left - 1;
            else if (input.TargetFaults.GetValueOrDefault(target) is not { Passes: false })
                places.Add(target);
        }
        return places.ToImmutable();
    }

    private static IEnumerable<RegistrationTarget> IdlePlaces(Pool pool) =>
        pool.IdleTarget is { } target ? Enumerable.Repeat(target, pool.Warm.Idle) : [];

    /// <summary>The places that may be given away now. After a fault one try at a time shows whether it has passed.</summary>
    private static IEnumerable<RegistrationTarget> OpenPlaces(
        PlanInput input, Admission admitted, ImmutableArray<RegistrationTarget> places)
    {
        if (input.Pool.Deleting || input.Fault is { Passes: false } or { Reason: FaultReason.RateLimited })
            return [];
        var probes = input.TargetFaults
            .Where(f => !(f.Value.Until > input.Now) && admitted.Jobs.Any(j => j.Target == f.Key))
            .Where(f => !input.Fleet.Runners.Any(r => r.Note.GrantInFlight && r.Target == f.Key))
            .Select(f => f.Key);
        return places.Where(target => !input.TargetFaults.ContainsKey(target)).Concat(probes);
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
