using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Planning;

/// <summary>
/// Decides how many runners a pool needs. Demand is counted from levels at each pass; pods are never bound to a job,
/// because GitHub gives any matching job to any matching idle runner.
/// </summary>
internal static class Planner
{
    /// <summary>After so many tries another slot is tried as well.</summary>
    private const int TriesOfASlot = 3;

    /// <summary>So many slots, or pods, of a pool may be out of the count at a time because they are refused.</summary>
    internal const int MostGivenUp = 3;

    public static Plan Plan(PlanInput input)
    {
        var standbyTarget = WarmSchedule.Standby(input.Pool.Warm, input.Now);
        var admitted = EligibleJobs.Of(input);
        var supply = Supply.Of(input.Fleet, input.Pool, input.Now);
        var (places, forJobs) = WantedPlaces(input, admitted, supply);

        var wanted = places.Length + standbyTarget;
        var reserve = input.AccountListed ? standbyTarget : 0;
        var missing = MayCreate(input) ? places.Length + reserve - supply.Unbound.Length : 0;

        var awaited = Awaited(input);

        // Runners above a limit that was lowered count, too.
        var room = input.Pool.MaxRunners - input.Fleet.Count;
        ImmutableArray<int> create = [.. input.Fleet.FreeSlots(input.Pool.MaxRunners, input.Resting)
            .Where(slot => !IsPaused(input, slot))
            .OrderBy(slot => !input.Paused.ContainsKey(slot))
            .Take(Math.Min(missing - awaited, room))];
        var grants = ClaimRule.Grant(
            OpenPlaces(input, places), supply.Unbound.Where(r => !Supply.IsRefused(r, input.Now)));
        var retire = Surplus.ToRetire(input, supply.Without(grants), admitted, wanted - grants.Length);

        return new Plan(
            create, retire.Now, grants,
            WaitReasons.Reasons(input, admitted, supply, create.Length),
            standbyTarget,
            Earliest(
                [
                    retire.Next, WarmSchedule.NextChange(input.Pool.Warm, input.Now), input.CreateNotBefore,
                    .. input.TargetProblems.Values.Select(f => f.Until),
                    .. input.Paused.Values.Select(p => (DateTimeOffset?)p.Until),
                    .. input.Fleet.Runners.Select(r => r.Note.GrantNotBefore),
                ],
                input.Now))
        {
            // What is there already stands for the first of them.
            Withdraw = Surplus.ToWithdraw(input, supply, admitted),
            CreateFor = [.. create.Select((_, i) => PurposeOf(supply.Unbound.Length + awaited + i))],
        };

        PodPurpose PurposeOf(int place) => place < forJobs ? PodPurpose.QueuedJob
            : place < places.Length ? PodPurpose.Idle
            : PodPurpose.Standby;
    }

    /// <summary>
    /// A target for each runner that is missing at GitHub, in the order of the jobs that need one; those to wait idle
    /// come last, after those for jobs. Where an operator has to act before anything can be registered, nothing is
    /// wanted but, after each pause, one to find out whether that was done.
    /// </summary>
    private static (ImmutableArray<RegistrationTarget> Places, int ForJobs) WantedPlaces(
        PlanInput input, EligibleJobs admitted, Supply supply)
    {
        var idle = supply.IdleAt();
        var tried = new HashSet<RegistrationTarget>();
        var places = ImmutableArray.CreateBuilder<RegistrationTarget>();
        Add(admitted.Jobs.Select(j => j.Target));
        var forJobs = places.Count;
        Add(IdlePlaces(input.Pool));
        return (places.ToImmutable(), forJobs);

        void Add(IEnumerable<RegistrationTarget> targets)
        {
            foreach (var target in targets)
                Consider(target);
        }

        void Consider(RegistrationTarget target)
        {
            var left = idle.GetValueOrDefault(target);
            if (left > 0)
                idle[target] = left - 1;
            else if (input.OwnerProblems.GetValueOrDefault(target.Owner) is not { Passes: false }
                && (input.TargetProblems.GetValueOrDefault(target) is not { Passes: false } problem
                    || (IsDue(problem, input) && tried.Add(target))))
                places.Add(target);
        }
    }

    private static IEnumerable<RegistrationTarget> IdlePlaces(Pool pool) =>
        pool.IdleTarget is { } target ? Enumerable.Repeat(target, pool.Warm.Idle) : [];

    /// <summary>
    /// The places that may be given away now. After a problem one try at a time shows whether it has passed.
    /// </summary>
    private static IEnumerable<RegistrationTarget> OpenPlaces(
        PlanInput input, ImmutableArray<RegistrationTarget> places)
    {
        if (input.Pool.Deleting || input.Problem is { Passes: false } or { Reason: ProblemReason.RateLimited })
            return [];
        var tried = input.Fleet.Runners
            .Where(r => r is { Note.GrantInFlight: true, Target: not null }).Select(r => r.Target!.Value).ToHashSet();
        return places.Where(target =>
            input.OwnerProblems.GetValueOrDefault(target.Owner) is not { Reason: ProblemReason.RateLimited }
            && (input.TargetProblems.GetValueOrDefault(target) is not { } problem
                || (IsDue(problem, input) && tried.Add(target))));
    }

    private static bool IsPaused(PlanInput input, int slot) =>
        input.Paused.GetValueOrDefault(slot).Until > input.Now;

    /// <summary>
    /// Free slots that are paused and will be tried again stand for a pod each, and are tried again before others are:
    /// else one job would try slot after slot.
    /// Some that failed again and again are given up for others, in case it is they.
    /// </summary>
    private static int Awaited(PlanInput input)
    {
        var paused = input.Fleet.FreeSlots(input.Pool.MaxRunners).Where(s => IsPaused(input, s)).ToArray();
        return paused.Length - Math.Min(MostGivenUp, paused.Count(s => input.Paused[s].Tries >= TriesOfASlot));
    }

    private static bool IsDue(Problem problem, PlanInput input) => !(problem.Until > input.Now);

    // A problem that passes by itself must not lower what was known before it: jobs seen earlier still get their pods.
    private static bool MayCreate(PlanInput input) =>
        !input.Pool.Deleting
        && input.Problem is not { Passes: false }
        && !(input.CreateNotBefore > input.Now);

    private static DateTimeOffset? Earliest(IEnumerable<DateTimeOffset?> times, DateTimeOffset after) =>
        times.Where(t => t > after).Min();
}
