using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class SurplusTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(2);

    [Fact]
    public void AStandbyThatNobodyNeedsIsKeptUntilTheIdleDeadline()
    {
        var plan = Plan(Given.Pool(), 0, Given.Standby(0, Short), Given.Standby(1, Long));
        Assert.Equal([1], Slots(plan));
        Assert.Equal(Given.Now + TimeSpan.FromMinutes(3), Plan(Given.Pool(), 0, Given.Standby(0, Short)).NextChange);
    }

    [Fact]
    public void AJobOrTheStandbyKeepsIt()
    {
        Assert.Empty(Slots(Plan(Given.Pool().Warm(standby: 1), 0, Given.Standby(0, Long))));
        Assert.Empty(Slots(Plan(Given.Pool(), 1, Given.Standby(0, Long, waiting: false))));
    }

    [Fact]
    public void OneWithoutANodeGoesFirstThenTheHighestSlot()
    {
        var young = Given.Pool() with { Deadlines = new() { Idle = TimeSpan.FromSeconds(1) } };
        var plan = Plan(young.Warm(standby: 1), 0, Given.Standby(0, Long), Given.Starting(1), Given.Standby(2, Long));
        Assert.Equal([1, 2], Slots(plan));
    }

    [Fact]
    public void ARegisteredRunnerThatNobodyNeedsGoesAtTheIdleDeadlineTheOldestFirst()
    {
        var plan = Plan(Given.Pool().Warm(idle: 1), 1,
            Given.Registered(0, age: Short), Given.Registered(1, age: Long), Given.Registered(2, age: Long * 2));
        Assert.Equal([2], Slots(plan));
        Assert.Equal([OutcomeKind.Retired], plan.Retire.Select(r => r.Outcome));
    }

    /// <summary>Those that were decided on last first, and none that GitHub may know by now.</summary>
    [Theory]
    [InlineData(4, new int[0])]
    [InlineData(3, new[] { 1 })]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(0, new[] { 1, 2 })]
    public void ARegistrationThatNobodyNeedsAnyMoreIsWithdrawnIfItWaitsForItsTurn(int jobs, int[] withdrawn)
    {
        var plan = Plan(Given.Pool(), jobs,
            Given.Registered(0, age: Long), InFlight(1, Short), InFlight(2, Long), InFlight(3, Short, requested: true));
        Assert.Equal(withdrawn, plan.Withdraw.Select(r => r.Slot));
        Assert.Empty(Slots(plan).Except([0]));
    }

    [Fact]
    public void WhatIsNotKnownOfTheQueueWithdrawsNothing() => Assert.Empty(Planner.Plan(
        Given.Input(Given.Pool(), []) with { Fleet = Given.Fleet(InFlight(0, Long)), QueueKnown = false }).Withdraw);

    [Fact]
    public void ARunnerThatWaitsWhereNoJobIsGoes()
    {
        var elsewhere = new RegistrationTarget(Given.Account, "alice", "x");
        Assert.Equal([0], Slots(Plan(Given.Pool(), 1, Given.Registered(0, elsewhere, Long))));
    }

    [Fact]
    public void APodOfAnotherShapeIsReplacedAtOnceUnlessItHasAJob()
    {
        (PodFacts, RunnerNote)[] old =
            [.. new[] { Given.Standby(0), Given.Starting(1), Given.Registered(2), Given.Busy(3) }.Select(Old)];
        var plan = Plan(Given.Pool(), 3, old);
        Assert.Equal([0, 1, 2], Slots(plan));
    }

    [Fact]
    public void APodAboveTheLimitGoesAtOnceUnlessItHasAJob() =>
        Assert.Equal([2], Slots(Plan(Given.Pool(max: 2), 5, Given.Standby(1), Given.Standby(2), Given.Busy(3))));

    [Fact]
    public void WhileTheQueueIsUnknownOnlyMisfitsGo()
    {
        var input = Given.Input(Given.Pool(), [], Given.Standby(0, Long), Given.Registered(1, age: Long),
            Old(Given.Standby(2)));
        Assert.Equal([2], Slots(Planner.Plan(input with { QueueKnown = false })));
        Assert.Equal([0, 1, 2], Slots(Planner.Plan(input)));
    }

    [Fact]
    public void WhoIsBeingRemovedIsNotNamedAgain()
    {
        var (pod, note) = Given.Standby(0, Long);
        Assert.Empty(Slots(Plan(Given.Pool(max: 0), 0, (pod, note with { Retiring = OutcomeKind.Retired }))));
    }

    private static (PodFacts, RunnerNote) Old((PodFacts Pod, RunnerNote Note) runner) =>
        (runner.Pod with { Revision = "old" }, runner.Note);

    private static Plan Plan(Pool pool, int jobs, params (PodFacts, RunnerNote)[] runners) =>
        Planner.Plan(Given.Input(pool, Given.Jobs(jobs), runners));

    private static (PodFacts, RunnerNote) InFlight(int slot, TimeSpan age, bool requested = false)
    {
        var (pod, note) = Given.Registered(slot, age: age);
        return (pod, note with { GrantInFlight = true, Requested = requested });
    }

    private static IEnumerable<int> Slots(Plan plan) => plan.Retire.Select(r => r.Runner.Slot).Order();
}
