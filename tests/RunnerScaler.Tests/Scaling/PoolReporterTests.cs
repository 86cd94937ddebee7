using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;


namespace RunnerScaler.Tests.Scaling;

public sealed class PoolReporterTests
{
    private static readonly PlanInput Calm = Given.Input(Given.Pool(), []);

    [Fact]
    public void ACalmPoolIsReadyReadAndNotFull()
    {
        var report = Report(Calm, Given.Now);
        Assert.Equal(7, report.Generation);
        Assert.Equal(
            [("Ready", true, "Serving"), ("QueueRead", true, "Read"), ("AtCapacity", false, "SlotsFree"),
                ("JobsUnmatched", false, "AllMatched"), ("RightsMissing", false, "NothingRefused"),
                ("RunnerOutdated", false, "NotRefused")],
            report.Conditions.Select(c => (c.Type, c.Holds!.Value, c.Reason)));
        Assert.All(report.Conditions, c => Assert.NotEmpty(c.Message));
    }

    [Theory]
    [InlineData("CredentialsRefused", false, "CredentialsRefused")]
    [InlineData("Unreachable", true, "Serving")]
    [InlineData("RateLimited", true, "Serving")]
    public void OnlyAFaultThatStaysMakesThePoolNotReady(string problem, bool ready, string reason)
    {
        var report = Report(Calm with { Problem = Given.Problem(Enum.Parse<ProblemReason>(problem)) }, Given.Now);
        Assert.Equal((ready, reason), Condition(report, "Ready"));
        Assert.Equal((false, problem), Condition(report, "QueueRead"));
    }

    [Fact]
    public void ATargetThatRefusesMakesThePoolNotReadyEvenWhileTheQueueCannotBeRead()
    {
        var input = Calm with
        {
            TargetProblems = Given.FaultAt(Given.Acme, Given.Problem(ProblemReason.RunnerGroupNotFound)),
        };
        Assert.Equal((false, "RunnerGroupNotFound"), Condition(Report(input, Given.Now), "Ready"));
        var both = input with { Problem = Given.Problem(ProblemReason.Unreachable) };
        Assert.Equal((false, "RunnerGroupNotFound"), Condition(Report(both, Given.Now), "Ready"));
    }

    [Theory]
    [InlineData("target")]
    [InlineData("owner")]
    public void OnePlaceOfSeveralThatRefusesIsToldAndThePoolIsReadyForTheOthers(string kind)
    {
        var gone = new RegistrationTarget(Given.Account, "alice", "gone");
        var problem = new Problem(ProblemReason.ScopeNotFound, "GitHub knows nothing of the runners of 'alice/gone'");
        var input = Given.Input(Given.Pool(serves: [Given.Organization(), Given.EachRepository()]), []) with
        {
            Targets = [Given.Acme, gone],
            TargetProblems = Given.FaultAt(gone, problem),
        };
        if (kind == "owner")
            input = input with
            {
                TargetProblems = Calm.TargetProblems,
                OwnerProblems = Calm.OwnerProblems.Add("alice", problem),
            };

        var report = Report(input, Given.Now);

        Assert.Equal((true, "ServingInPart"), Condition(report, "Ready"));
        Assert.Contains("'alice/gone'", report.Conditions[0].Message, StringComparison.Ordinal);
        Assert.Equal(
            kind == "owner" ? (false, "ScopeNotFound") : (true, "Read"), Condition(report, "QueueRead"));
        Assert.Equal(
            (false, "ScopeNotFound"), Condition(Report(input with { Targets = [gone] }, Given.Now), "Ready"));
    }

    [Fact]
    public void PodsThatKeepFailingMakeThePoolNotReady() =>
        Assert.Equal((false, "PodsFail"), Condition(
            Report(Calm with { CreateNotBefore = Given.Now.AddSeconds(1) }, Given.Now), "Ready"));

    [Fact]
    public void PodsThatAreRefusedMakeItNotReadyInTheWordsOfWhoeverRefusedThem()
    {
        var input = Calm with { CreateNotBefore = Given.Now.AddSeconds(1), Refusal = "No room." };
        var ready = Report(input, Given.Now).Conditions.Single(c => c.Type == Conditions.Ready);
        Assert.Equal(new PoolCondition(Conditions.Ready, false, "PodsRefused", "No room."), ready);
    }

    [Fact]
    public void ARefusalMakesThePoolNotReadyInTheServersWords()
    {
        var refused = Calm with { Refusals = RightsTests.Standing(RightsTests.Parse("patch pods ci linux-0")) };
        var report = Report(refused with { CreateNotBefore = Given.Now.AddSeconds(1) }, Given.Now);
        Assert.Equal((false, "RequestsRefused"), Condition(report, "Ready"));
        Assert.Equal((true, "Forbidden"), Condition(report, "RightsMissing"));
        Assert.Contains("the server's words", report.Conditions[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOutdatedRunnerMakesThePoolNotReady()
    {
        var report = Report(Calm with { Outdated = "Make it anew." }, Given.Now);
        Assert.Equal((false, "RunnerOutdated"), Condition(report, "Ready"));
        Assert.Equal((true, "RefusedByGitHub"), Condition(report, "RunnerOutdated"));
    }

    [Fact]
    public void AnOldReadingIsStaleAndNoneIsUnknown()
    {
        Assert.Equal((true, "Read"), Condition(Report(Calm, Given.Now - PoolReporter.FreshFor), "QueueRead"));
        Assert.Equal((false, "Stale"),
            Condition(Report(Calm, Given.Now - PoolReporter.FreshFor - TimeSpan.FromSeconds(1)), "QueueRead"));
        Assert.Null(Report(Calm, null).Conditions.Single(c => c.Type == "QueueRead").Holds);
    }

    [Fact]
    public void RepositoriesThatCannotBeReadAreNamed()
    {
        var problem = Given.Problem(ProblemReason.PermissionMissing);
        RepositoryReading Of(int i) => new(Given.Account, Given.Repository($"acme/r{i}"), [], null, problem);

        var one = Report(Calm with { Unread = [Of(1)] }, null);
        Assert.Equal((false, "PermissionMissing"), Condition(one, "QueueRead"));
        Assert.Contains("'acme/r1' cannot be read", Message(one), StringComparison.Ordinal);
        Assert.Contains(problem.Message, Message(one), StringComparison.Ordinal);
        Assert.Equal((true, "Serving"), Condition(one, "Ready"));

        var many = Report(Calm with { Unread = [.. Enumerable.Range(1, 50).Select(Of)] }, Given.Now);
        Assert.Contains("'acme/r1', 'acme/r2', 'acme/r3' and 47 more", Message(many), StringComparison.Ordinal);

        static string Message(PoolReport report) => report.Conditions.Single(c => c.Type == "QueueRead").Message;
    }

    [Fact]
    public void AFullPoolWithWaitingJobsIsAtCapacity()
    {
        var input = Given.Input(Given.Pool(max: 1), Given.Jobs(3), Given.Busy(0));
        var report = Report(input, Given.Now);
        Assert.Equal((true, "PoolFull"), Condition(report, "AtCapacity"));
        Assert.Equal(new JobCounts(3, 0, 3), report.Jobs);
        Assert.Equal(3, report.Unserved[WaitReason.PoolFull]);
        Assert.Equal(new RunnerCounts(0, 0, 0, 1, 0), report.Runners);
    }

    [Fact]
    public void TheFirstUnmatchedJobIsNamedWithTheLabelsOnBothSides()
    {
        var report = Report(Given.Input(Given.Pool(),
            [Given.Job(9, labels: "self-hosted gpu"), Given.Job(8, labels: "self-hosted x")]), Given.Now);
        Assert.Equal((true, "NoPoolMatches"), Condition(report, "JobsUnmatched"));
        Assert.Equal(
            "Job 'job 8' of acme/app asks for [self-hosted, x], which no pool has; "
            + "this pool comes nearest, with [linux, self-hosted]. Other jobs ask for [gpu, self-hosted].",
            report.Conditions.Single(c => c.Type == "JobsUnmatched").Message);
    }

    [Fact]
    public void JobsOnTheirWayAreCountedByReasonButAreNotUnserved()
    {
        var report = Report(Given.Input(Given.Pool(), Given.Jobs(2), Given.Standby(0)), Given.Now);
        Assert.Equal(new JobCounts(2, 0, 0), report.Jobs);
        Assert.Equal((1, 1), (report.Unserved[WaitReason.Registering], report.Unserved[WaitReason.Creating]));
    }

    [Fact]
    public void TheOldestWaitIsThatOfAJobThatThePoolIsToServe()
    {
        static Job Waits(long id, int minutes) => Given.Job(id: id, age: TimeSpan.FromMinutes(minutes));
        WaitingJob[] waiting =
        [
            new(Waits(1, 5), WaitReason.PoolFull, null), new(Waits(2, 7), WaitReason.Starting, null),
            new(Waits(3, 2000), WaitReason.Stale, null), new(Waits(4, 90), WaitReason.NoPoolMatches, null),
        ];
        var plan = Planner.Plan(Calm) with { Waiting = [.. waiting] };

        Assert.Equal(TimeSpan.FromMinutes(7), PoolReporter.Report(1, Calm, plan, Given.Now).OldestWait);
        Assert.Equal(TimeSpan.Zero, Report(Calm, Given.Now).OldestWait);
    }

    [Fact]
    public void ABrokenSpecIsToldAsSuch()
    {
        var report = PoolReporter.Broken(3, Given.Problem(ProblemReason.SpecInvalid), new(1, 0, 0, 2, 0), []);
        Assert.Equal((false, "SpecInvalid"), Condition(report, "Ready"));
        Assert.Equal(3, report.Runners.All);
    }

    [Fact]
    public void EveryReportHasAReasonAndAMessageForEveryCondition() =>
        CsCheck.Check.Sample(PlannerAdversarialTests.AnyInput, input =>
    {
        var report = Report(input, Given.Now);
        Assert.All(report.Conditions, c =>
            Assert.True(c.Reason.All(char.IsAsciiLetterOrDigit) && c.Reason.Length > 0 && c.Message.Length > 0));
        Assert.Equal(report.Conditions.DistinctBy(c => c.Type).Count(), report.Conditions.Length);
        Assert.Equal(input.Fleet.Count, report.Runners.All);
        Assert.True(report.Jobs.Unserved <= report.Unserved.Values.Sum());
    });

    private static PoolReport Report(PlanInput input, DateTimeOffset? read) =>
        PoolReporter.Report(7, input, Planner.Plan(input), read);

    private static (bool, string) Condition(PoolReport report, string type) =>
        report.Conditions.Where(c => c.Type == type).Select(c => (c.Holds!.Value, c.Reason)).Single();
}
