using CsCheck;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class PlannerAdversarialTests
{
    private static readonly RegistrationTarget Elsewhere = new(Given.Account, "alice", "x");

    /// <summary>Any pass: a fleet in any state, over its limit or of another shape, problems, pauses.</summary>
    internal static readonly Gen<PlanInput> AnyInput =
        from max in Gen.Int[0, 8]
        from perRepository in Gen.Int[0, 4]
        from warm in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2])
        from states in Gen.Int[0, 13].Array[0, 12]
        from ages in Gen.Int[0, 600].Array[12]
        from queued in Gen.Int[0, 12]
        from hours in Gen.Int[0, 30].Array[12]
        from problem in Gen.Int[0, 9]
        from targetFault in Gen.Int[0, 9]
        from flags in Gen.Bool.Array[4]
        select Input(max, perRepository, warm, [.. states.Zip(ages)], [.. hours.Take(queued)], problem, targetFault,
            flags);

    [Fact]
    public void ThereAreNeverMorePodsThanThePoolMayHave() => AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        Assert.True(plan.Create.Length == 0 || input.Fleet.Count + plan.Create.Length <= input.Pool.MaxRunners);
        Assert.All(plan.Create, slot => Assert.InRange(slot, 0, input.Pool.MaxRunners - 1));
        Assert.Empty(plan.Create.Intersect(input.Fleet.Runners.Select(r => r.Slot)));
        Assert.Equal(plan.Create.Distinct().Order(), plan.Create);
    }, iter: 5000);

    [Fact]
    public void NoRunnerWithAJobIsRetired() => AnyInput.Sample(input =>
        Assert.All(Planner.Plan(input).Retire, r => Assert.True(
            r.Runner.State is RunnerState.Starting or RunnerState.Standby or RunnerState.Registered,
            r.Runner.ToString())));

    [Fact]
    public void NoRunnerIsGivenAnIdentityAndRetiredInOnePass() => AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        Assert.Empty(plan.Grants.Select(g => g.Runner.Slot).Intersect(plan.Retire.Select(r => r.Runner.Slot)));
    }, iter: 5000);

    [Fact]
    public void NoRunnerIsNamedTwice() => AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        Assert.Equal(plan.Grants.DistinctBy(g => g.Runner.Slot).Count(), plan.Grants.Length);
        Assert.Equal(plan.Retire.DistinctBy(r => r.Runner.Slot).Count(), plan.Retire.Length);
    });

    [Fact]
    public void NobodyWhoseIdentityIsBeingMadeIsRetired() => AnyInput.Sample(input =>
        Assert.All(Planner.Plan(input).Retire, r => Assert.False(r.Runner.Note.GrantInFlight)));

    [Fact]
    public void NoPodIsCreatedInTheSamePassInWhichOneIsRetiredAsUnneeded() => AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        var unneeded = plan.Retire.Count(r =>
            r.Runner.State != RunnerState.Registered && Supply.IsWanted(r.Runner, input.Pool));
        Assert.True(unneeded == 0 || plan.Create.Length == 0);
    });

    [Fact]
    public void TheNextChangeIsAhead() => AnyInput.Sample(input =>
        Planner.Plan(input).NextChange is not { } next || next > input.Now);

    [Fact]
    public void LoweringTheLimitBelowTheFleetCreatesNothing() =>
        Assert.Empty(Planner.Plan(
            Given.Input(Given.Pool(max: 3), Given.Jobs(3), Given.Busy(5), Given.Busy(6), Given.Busy(7))).Create);

    [Fact]
    public void ARunnerWhoseRegistrationIsGoneTakesNoJob()
    {
        var (pod, note) = Given.Registered(0);
        var plan = Planner.Plan(
            Given.Input(Given.Pool(), Given.Jobs(1), (pod, note with { CheckedAt = Given.Now, Seen = null })));
        Assert.Equal([1], plan.Create);
    }

    private static PlanInput Input(
        int max, int perRepository, (int Standby, int Idle) warm, (int State, int Age)[] runners, int[] hours,
        int problem, int targetFault, bool[] flags)
    {
        var both = Given.Pool(max: max, serves: [Given.Organization(), Given.EachRepository()]);
        var pool = both.Warm(warm.Standby, warm.Idle) with
        {
            MaxRunnersPerRepository = perRepository == 0 ? null : perRepository,
            Deleting = flags[0] && flags[1],
        };
        var jobs = hours.Select((h, i) =>
            Given.Job(i, i % 3 == 0 ? "alice/x" : "acme/app", age: TimeSpan.FromHours(h)));
        return Given.Input(pool, jobs, AnyFleet(runners)) with
        {
            QueueKnown = flags[2],
            CreateNotBefore = flags[3] && flags[1] ? Given.Now.AddSeconds(5) : null,
            Problem = problem switch
            {
                0 => Given.Problem(ProblemReason.RateLimited),
                1 => Given.Problem(ProblemReason.Unreachable),
                2 => Given.Problem(ProblemReason.SpecInvalid),
                _ => null,
            },
            TargetProblems = targetFault < 3
                ? Given.FaultAt(Given.Acme, Given.Problem(
                    targetFault == 0 ? ProblemReason.Unreachable : ProblemReason.RegistrationRefused,
                    Given.Now.AddSeconds(1 - targetFault)))
                : Given.Input(pool, []).TargetProblems,
            RecentlyFinished = targetFault > 7 ? [new(Given.Acme, "linux-9-1a2b3c4d", Given.Now)] : [],
        };
    }

    private static IEnumerable<(PodFacts, RunnerNote)> AnyFleet((int State, int Age)[] slots) =>
        [.. slots.Index().Where(s => s.Item.State <= 9)
            .Select(s => AnyRunner(s.Index, s.Item.State, TimeSpan.FromSeconds(s.Item.Age)))];

    private static (PodFacts, RunnerNote) AnyRunner(int slot, int state, TimeSpan age)
    {
        var (pod, note) = state switch
        {
            0 => Given.Starting(slot),
            1 => (Given.Pod(slot), RunnerNote.None),
            2 => Given.Standby(slot, age),
            3 => Given.Standby(slot, age, waiting: false),
            4 => Given.Registered(slot, age: age),
            5 => Given.Registered(slot, Elsewhere, age),
            6 => Given.Busy(slot),
            7 => (Given.Ended(slot), RunnerNote.None),
            8 => Given.Registered(slot, age: age) is var (p, n) ? (p, n with { GrantInFlight = true }) : default,
            _ => Given.Standby(slot, age) is var (p, n) ? (p, n with { Retiring = OutcomeKind.Retired }) : default,
        };
        return (slot % 5 == 4 ? pod with { Revision = "old" } : pod, note);
    }
}
