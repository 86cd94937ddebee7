using CsCheck;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class WaitingAdversarialTests
{
    [Fact]
    public void EveryQueuedJobHasExactlyOneReason() => PlannerAdversarialTests.AnyInput.Sample(input =>
        Assert.Equal(
            input.Demand.Queued.Select(k => k.Job.Id).Concat(input.Demand.Unmatched.Select(j => j.Id)).Order(),
            Planner.Plan(input).Waiting.Select(w => w.Job.Id).Order()));

    [Fact]
    public void OnlyAFullPoolIsCalledFull() => PlannerAdversarialTests.AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        if (plan.Waiting.Any(w => w.Reason == WaitReason.PoolFull))
            Assert.True(input.Fleet.Count + plan.Create.Length >= input.Pool.MaxRunners);
    }, iter: 5000);

    [Fact]
    public void NoMoreJobsAreOnTheirWayThanRunnersAre() => PlannerAdversarialTests.AnyInput.Sample(input =>
    {
        var plan = Planner.Plan(input);
        var runners = input.Fleet.Runners.Count(r =>
            r.State is RunnerState.Starting or RunnerState.Standby or RunnerState.Registered);
        var most = runners + plan.Create.Length + input.RecentlyFinished.Length;
        Assert.True(plan.Waiting.Count(w => w.IsServed) <= most);
    });

    [Fact]
    public void AJobThatCouldHaveAPodIsOnItsWay()
    {
        var plan = Planner.Plan(Given.Input(Given.Pool(max: 5).Warm(standby: 3), Given.Jobs(4)));
        Assert.All(plan.Waiting, w => Assert.Equal(WaitReason.Creating, w.Reason));
    }

    [Fact]
    public void ATargetThatRefusesIsNotHiddenByAFaultThatPasses()
    {
        var plan = Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(1)) with
        {
            Problem = Given.Problem(ProblemReason.Unreachable),
            TargetProblems = Given.FaultAt(Given.Acme,
                Given.Problem(ProblemReason.RegistrationRefused, Given.Now.AddMinutes(1))),
        });
        Assert.Equal(WaitReason.PoolNotReady, plan.Waiting.Single().Reason);
    }

    [Fact]
    public void APoolThatIsBeingDeletedIsNotCalledFull() =>
        Assert.Equal(WaitReason.PoolNotReady, Planner.Plan(
            Given.Input(Given.Pool() with { Deleting = true }, Given.Jobs(1))).Waiting.Single().Reason);
}
