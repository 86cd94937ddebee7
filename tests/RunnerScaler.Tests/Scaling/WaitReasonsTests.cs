using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class WaitReasonsTests
{
    [Fact]
    public void AJobIsOnItsWayThroughTheStagesOfARunner()
    {
        Assert.Equal(WaitReason.Creating, ReasonWith());
        Assert.Equal(WaitReason.Scheduling, ReasonWith(Given.Starting(0)));
        Assert.Equal(WaitReason.Starting, ReasonWith((Given.Pod(0), RunnerNote.None)));
        Assert.Equal(WaitReason.Registering, ReasonWith(Given.Standby(0)));
        var (pod, note) = Given.Registered(0);
        Assert.Equal(WaitReason.Registering, ReasonWith((pod, note with { GrantInFlight = true })));
        Assert.Equal(WaitReason.Assigning, ReasonWith((pod, note)));
    }

    [Fact]
    public void ARequestThatTheClusterHasNotShownYetIsCreating()
    {
        var fleet = Fleet.Of(
            [], [new(Given.Linux, 0, Given.Now, false)], _ => RunnerNote.None, _ => Given.Pool(), JobBoard.Empty);
        Assert.Equal(WaitReason.Creating,
            Single(Given.Input(Given.Pool(max: 1), Given.Jobs(1)) with { Fleet = fleet }).Reason);
    }

    [Fact]
    public void WhatKubernetesSaysOfAPodIsTold()
    {
        var pod = Given.Pod(0, PodPhase.Pending) with
        {
            WaitingReason = "Unschedulable",
            WaitingMessage = "0/3 nodes are available",
        };
        var waiting = Single(Given.Input(Given.Pool(), Given.Jobs(1), (pod, RunnerNote.None)));
        Assert.Equal((WaitReason.Scheduling, "Unschedulable: 0/3 nodes are available"),
            (waiting.Reason, waiting.Detail));
    }

    [Fact]
    public void OlderJobsGetTheRunnersThatAreFurthest()
    {
        var input = Given.Input(Given.Pool(max: 3), Given.Jobs(5), Given.Starting(0), Given.Standby(1),
            Given.Registered(2));
        Assert.Equal(
            [WaitReason.Assigning, WaitReason.Registering, WaitReason.Scheduling, WaitReason.PoolFull,
                WaitReason.PoolFull],
            Planner.Plan(input).Waiting.Select(w => w.Reason));
    }

    [Theory]
    [InlineData("RateLimited", "BudgetPaused")]
    [InlineData("Unreachable", "Creating")]
    [InlineData("ReadingPaused", "Creating")]
    [InlineData("CredentialsRefused", "PoolNotReady")]
    public void AFaultOfThePoolIsTheReason(string problem, string reason) =>
        Assert.Equal(reason, Single(Given.Input(Given.Pool(), Given.Jobs(1)) with
        {
            Problem = Given.Problem(Enum.Parse<ProblemReason>(problem)),
        }).Reason.ToString());

    [Theory]
    [InlineData("RateLimited", "BudgetPaused")]
    [InlineData("RegistrationRefused", "PoolNotReady")]
    public void AFaultOfTheTargetIsTheReason(string problem, string reason) =>
        Assert.Equal(reason, Single(Given.Input(Given.Pool(), Given.Jobs(1), Given.Standby(0)) with
        {
            TargetProblems = Given.FaultAt(Given.Acme,
                Given.Problem(Enum.Parse<ProblemReason>(problem), Given.Now.AddMinutes(1))),
        }).Reason.ToString());

    [Fact]
    public void APauseAfterFailuresIsTheReason() =>
        Assert.Equal(WaitReason.BackingOff, Single(Given.Input(Given.Pool(), Given.Jobs(1)) with
        {
            CreateNotBefore = Given.Now.AddSeconds(1),
        }).Reason);

    [Theory]
    [InlineData("RepositoryLimit", false)]
    [InlineData("BudgetPaused", false)]
    [InlineData("Creating", true)]
    [InlineData("Assigning", true)]
    public void AJobIsServedWhenARunnerIsOnItsWay(string reason, bool served) =>
        Assert.Equal(served, new WaitingJob(Given.Job(), Enum.Parse<WaitReason>(reason), null).IsServed);

    private static WaitReason ReasonWith(params (PodFacts, RunnerNote)[] runners) =>
        Single(Given.Input(Given.Pool(max: 1), Given.Jobs(1), runners)).Reason;

    private static WaitingJob Single(PlanInput input) => Assert.Single(Planner.Plan(input).Waiting);
}
