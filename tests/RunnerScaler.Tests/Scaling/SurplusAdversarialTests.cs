using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class SurplusAdversarialTests
{
    [Fact]
    public void AnUnreadQueueRetiresNobodyThatFits() => PlannerAdversarialTests.AnyInput.Sample(input =>
        Assert.DoesNotContain(
            Planner.Plan(input with { QueueKnown = false }).Retire, r => Supply.IsWanted(r.Runner, input.Pool)));

    [Fact]
    public void NobodyThatFitsGoesBeforeTheIdleDeadline() => PlannerAdversarialTests.AnyInput.Sample(input =>
        Assert.All(
            Planner.Plan(input).Retire.Where(r => Supply.IsWanted(r.Runner, input.Pool)),
            r => Assert.True(r.Runner.Since + input.Pool.Deadlines.Idle <= input.Now)));

    [Fact]
    public void TheReserveIsNeverRetiredBelowItsTarget() => PlannerAdversarialTests.AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        var unbound = Supply.Of(input.Fleet, input.Pool, input.Now).Unbound;
        var retired = plan.Retire.Count(r => unbound.Contains(r.Runner));
        Assert.True(retired == 0 || unbound.Length - retired >= plan.StandbyTarget);
    });

    [Fact]
    public void ARequestThatTheClusterHasNotShownIsNotRetired()
    {
        var asked = new PendingCreate(Given.Linux, 0, Given.Now - TimeSpan.FromHours(1), false);
        var fleet = Fleet.Of([], [asked], _ => RunnerNote.None, _ => Given.Pool(), JobBoard.Empty);
        Assert.Empty(Planner.Plan(Given.Input(Given.Pool(), []) with { Fleet = fleet }).Retire);
    }
}
