using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class PlannerTests
{
    private static readonly RegistrationTarget Elsewhere = new(Given.Account, "alice", "x");

    [Theory]
    [InlineData(0, 0, 0, 10, 0)]
    [InlineData(3, 0, 0, 10, 3)]
    [InlineData(3, 2, 0, 10, 5)]
    [InlineData(3, 2, 4, 10, 1)]
    [InlineData(3, 0, 5, 10, 0)]
    [InlineData(50, 0, 0, 10, 10)]
    [InlineData(50, 0, 4, 10, 6)]
    [InlineData(0, 20, 0, 10, 10)]
    [InlineData(5, 0, 0, 0, 0)]
    public void WhatIsCreatedIsUnmetDemandAndStandbyLessTheUnbound(
        int queued, int standby, int unbound, int max, int created)
    {
        var plan = Planner.Plan(Given.Input(
            Given.Pool(max: max).Warm(standby), Given.Jobs(queued),
            Enumerable.Range(0, unbound).Select(Given.Starting)));
        Assert.Equal(created, plan.Create.Length);
        Assert.Equal(standby, plan.StandbyTarget);
    }

    [Theory]
    [InlineData(2, 0, 0, "QueuedJob QueuedJob")]
    [InlineData(1, 2, 0, "QueuedJob Standby Standby")]
    [InlineData(1, 2, 1, "Standby Standby")]
    [InlineData(2, 2, 1, "QueuedJob Standby Standby")]
    [InlineData(0, 0, 0, "")]
    public void ThoseThatAreThereStandForTheJobsFirst(int queued, int standby, int unbound, string purposes)
    {
        var plan = Planner.Plan(Given.Input(
            Given.Pool(max: 10).Warm(standby), Given.Jobs(queued),
            Enumerable.Range(0, unbound).Select(Given.Starting)));
        Assert.Equal(purposes, string.Join(' ', plan.CreateFor));
    }

    [Fact]
    public void APodThatIsToWaitIdleIsMadeForThat()
    {
        var pool = Given.Pool() with { Warm = new WarmSettings(0, 2, []) };
        var plan = Planner.Plan(Given.Input(pool, Given.Jobs(1)));
        Assert.Equal([PodPurpose.QueuedJob, PodPurpose.Idle, PodPurpose.Idle], plan.CreateFor);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    public void NoReserveIsMadeBeforeTheAccountHasShownThatItWorks(int queued, int created)
    {
        var input = Given.Input(Given.Pool().Warm(4), Given.Jobs(queued));
        Assert.Equal(created, Planner.Plan(input with { AccountListed = false }).Create.Length);
    }

    [Fact]
    public void TheLowestFreeSlotsAreTakenFirst()
    {
        var plan = Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(3), Given.Busy(0), Given.Busy(2), Given.Busy(3)));
        Assert.Equal([1, 4, 5], plan.Create);
    }

    [Fact]
    public void RunnersThatAreIdleWhereTheJobNeedsOneAreSubtracted() =>
        Assert.Equal([2], Planner.Plan(Given.Input(
            Given.Pool(), Given.Jobs(3), Given.Registered(0), Given.Registered(1))).Create);

    [Fact]
    public void ARunnerThatIsIdleElsewhereDoesNotCount() =>
        Assert.Equal([1],
            Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(1), Given.Registered(0, Elsewhere))).Create);

    [Fact]
    public void ABusyRunnerDoesNotCount() =>
        Assert.Equal([1], Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(1), Given.Busy(0))).Create);

    [Fact]
    public void APodThatEndedWithoutAJobReopensItsDemandInTheSamePass() =>
        Assert.Equal([1], Planner.Plan(Given.Input(
            Given.Pool(), Given.Jobs(1), (Given.Ended(0, grant: Given.Grant(0)), RunnerNote.None))).Create);

    [Fact]
    public void WarmIdleRunnersAreWantedLikeJobsAtTheFirstTargetThatIsNotEachRepository()
    {
        var pool = Given.Pool(serves: [Given.EachRepository(), Given.Organization()]).Warm(idle: 2);
        var plan = Planner.Plan(Given.Input(pool, [], Given.Registered(0), Given.Standby(1)));
        Assert.Empty(plan.Create);
        Assert.Equal((1, Given.Acme), plan.Grants.Select(g => (g.Runner.Slot, g.Target)).Single());
    }

    [Fact]
    public void APoolOfEachRepositoryHasNowhereToWaitIdle() =>
        Assert.Empty(Planner.Plan(Given.Input(Given.Pool(serves: Given.EachRepository()).Warm(idle: 2), [])).Create);

    [Theory]
    [InlineData("Unreachable", 2)]
    [InlineData("RateLimited", 2)]
    [InlineData("CredentialsRefused", 0)]
    [InlineData("SpecInvalid", 0)]
    public void AFaultThatPassesDoesNotLowerAndOneThatStaysCreatesNothing(string reason, int created)
    {
        var problem = Given.Problem(Enum.Parse<ProblemReason>(reason));
        Assert.Equal(created,
            Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(2)) with { Problem = problem }).Create.Length);
    }

    [Fact]
    public void NothingIsCreatedBeforeThePauseIsOver()
    {
        var input = Given.Input(Given.Pool(), Given.Jobs(2)) with { CreateNotBefore = Given.Now.AddSeconds(10) };
        Assert.Empty(Planner.Plan(input).Create);
        Assert.Equal(Given.Now.AddSeconds(10), Planner.Plan(input).NextChange);
        Assert.Equal(2, Planner.Plan(input with { Now = Given.Now.AddSeconds(10) }).Create.Length);
    }

    [Fact]
    public void NothingIsMadeForAPoolThatIsBeingDeleted()
    {
        var plan = Planner.Plan(Given.Input(
            Given.Pool().Warm(standby: 2) with { Deleting = true }, Given.Jobs(2), Given.Standby(0)));
        Assert.Empty(plan.Create);
        Assert.Empty(plan.Grants);
    }

    [Fact]
    public void TheOldestClaimIsGrantedTheOldestJobsTarget()
    {
        var pool = Given.Pool(serves: [Given.Organization(), Given.EachRepository()]);
        Job[] jobs =
            [Given.Job(1, "alice/x", age: TimeSpan.FromMinutes(3)), Given.Job(2, age: TimeSpan.FromMinutes(2))];
        var plan = Planner.Plan(Given.Input(pool, jobs,
            Given.Standby(0, TimeSpan.FromSeconds(1)), Given.Standby(1, TimeSpan.FromSeconds(9)),
            Given.Standby(2, TimeSpan.FromSeconds(5))));
        Assert.Equal([(1, Elsewhere), (2, Given.Acme)], plan.Grants.Select(g => (g.Runner.Slot, g.Target)));
    }

    [Theory]
    [InlineData("RateLimited")]
    [InlineData("CredentialsInvalid")]
    public void NoIdentityIsAskedForWhileGitHubOrAPersonMustActFirst(string reason) =>
        Assert.Empty(Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(1), Given.Standby(0)) with
        {
            Problem = Given.Problem(Enum.Parse<ProblemReason>(reason)),
        }).Grants);

    [Theory]
    [InlineData("ReadingPaused")]
    [InlineData("Unreachable")]
    public void IdentitiesAreGivenWhileTheQueueCannotBeRead(string reason)
    {
        var plan = Planner.Plan(Given.Input(Given.Pool(), Given.Jobs(3), Given.Standby(0), Given.Standby(1)) with
        {
            Problem = Given.Problem(Enum.Parse<ProblemReason>(reason), Given.Now.AddMinutes(40)),
        });
        Assert.Equal((2, 1), (plan.Grants.Length, plan.Create.Length));
        Assert.Equal(
            [WaitReason.Registering, WaitReason.Registering, WaitReason.Creating], plan.Waiting.Select(w => w.Reason));
    }

    [Theory]
    [InlineData("CredentialsRefused", 1, "PoolNotReady")]
    [InlineData("RateLimited", 1, "BudgetPaused")]
    [InlineData("ReadingPaused", 2, "Registering")]
    [InlineData("Unreachable", 2, "Registering")]
    public void AFaultOfOneOwnerStopsNoOther(string problem, int grants, string reason)
    {
        var pool = Given.Pool(serves: [Given.Organization(), Given.EachRepository()]);
        Job[] jobs = [Given.Job(1), Given.Job(2, "alice/x")];
        var plan = Planner.Plan(Given.Input(pool, jobs, Given.Standby(0), Given.Standby(1)) with
        {
            OwnerProblems = Given.Input(pool, []).OwnerProblems
                .Add("alice", Given.Problem(Enum.Parse<ProblemReason>(problem), Given.Now.AddMinutes(1))),
        });
        Assert.Equal(grants, plan.Grants.Length);
        Assert.Contains(plan.Grants, g => g.Target == Given.Acme);
        Assert.Equal(reason, plan.Waiting.Single(w => w.Job.Id == 2).Reason.ToString());
    }

    [Fact]
    public void AfterAFaultAtATargetOneTryAtATimeShowsWhetherItHasPassed()
    {
        var input = Given.Input(Given.Pool(), Given.Jobs(3), Given.Standby(0), Given.Standby(1), Given.Standby(2));
        var problem = Given.Problem(ProblemReason.Unreachable, Given.Now.AddSeconds(15));
        Assert.Empty(Planner.Plan(input with { TargetProblems = Given.FaultAt(Given.Acme, problem) }).Grants);

        var due = input with { TargetProblems = Given.FaultAt(Given.Acme, problem), Now = Given.Now.AddSeconds(15) };
        Assert.Single(Planner.Plan(due).Grants);

        var (pod, note) = Given.Registered(3);
        var trying = Given.Fleet([Given.Standby(0), (pod, note with { GrantInFlight = true })]);
        Assert.Empty(Planner.Plan(due with { Fleet = trying }).Grants);
    }

    [Fact]
    public void AFaultAtOneTargetDoesNotHoldUpAnother()
    {
        var pool = Given.Pool(serves: [Given.Organization(), Given.EachRepository()]);
        Job[] jobs = [Given.Job(1), Given.Job(2, "alice/x")];
        var plan = Planner.Plan(Given.Input(pool, jobs, Given.Standby(0)) with
        {
            TargetProblems = Given.FaultAt(Given.Acme,
                Given.Problem(ProblemReason.RegistrationRefused, Given.Now.AddMinutes(1))),
        });
        Assert.Equal([Elsewhere], plan.Grants.Select(g => g.Target));
        Assert.Empty(plan.Create);
    }

    [Fact]
    public void ARefusedTargetIsTriedAgainWithOnePodWhenItsPauseIsOver()
    {
        var input = Given.Input(Given.Pool(), Given.Jobs(3)) with
        {
            TargetProblems = Given.FaultAt(Given.Acme,
                Given.Problem(ProblemReason.RegistrationRefused, Given.Now.AddMinutes(1))),
        };
        Assert.Empty(Planner.Plan(input).Create);
        Assert.Equal(Given.Now.AddMinutes(1), Planner.Plan(input).NextChange);
        Assert.Single(Planner.Plan(input with { Now = Given.Now.AddMinutes(1) }).Create);
    }
}
