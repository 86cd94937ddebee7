using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

public sealed class JobExplanationTests
{
    [Fact]
    public void AJobIsToldWithItsPoolItsPlaceAndItsWait()
    {
        var job = Told.Job(Told.Known([Given.Pool(max: 0)], Given.Jobs(3)), id: 2);
        Assert.Equal(("ci/linux", new PlaceAnswer(2, 3), WaitReason.PoolFull),
            (job.Pool, job.Place, job.Waits?.Reason));
        Assert.Equal("https://github.com/acme/app/actions/runs/2/job/2", job.Url);
        Assert.Equal(Given.Now, job.Waits?.Since);
        Assert.Contains("switched off", job.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLabelThatIsMissingIsToldAndTheNearestOfAnyPool()
    {
        Pool[] pools =
        [
            Given.Pool("builds", labels: "self-hosted linux-arm64"), Given.Pool("linux"),
            Given.Pool("ml", labels: "gpu", serves: Given.Organization("other")),
        ];
        var job = Told.Job(Told.Known(pools, [Given.Job(labels: "linux linux-arm gpu zoo")]));
        Assert.Equal((null, "ci/linux"), (job.Pool, job.Nearest?.Pool));
        Assert.Equal(
            [
                new("gpu", "pool ci/ml has it, but does not serve acme/app"),
                new("linux-arm", "no pool has it; 'linux-arm64' of pool ci/builds is the nearest"),
                new("zoo", "no pool has it, nor one like it"),
            ],
            job.Nearest!.Labels);
    }

    [Fact]
    public void PoolsOfOthersAreNotNamed()
    {
        Pool[] pools = [Given.Pool(), Given.Pool("b", labels: "gpu") with { Key = new("secret", "b") }];
        var known = Told.Known(pools, [Given.Job(labels: "linux gpu"), Given.Job(2, labels: "gpu")]);
        var told = HumanText.Of(Told.Job(known, reader: Told.Ci));
        Assert.Contains("'gpu': no pool has it", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
        Assert.Null(JobExplanation.Of(known, Told.Ci, 2, null));
        Assert.NotNull(JobExplanation.Of(known, Reader.OfAll, 2, null));
    }

    [Theory]
    [InlineData("ubuntu-latest", "has any of its labels [ubuntu-latest]")]
    [InlineData("", "asks for a runner group without any label")]
    public void AJobOfNoPoolIsToldToThoseWhoMayReadAll(string labels, string sentence)
    {
        var known = Told.Known([Given.Pool()], [Given.Job(labels: labels)]);
        Assert.Null(JobExplanation.Of(known, Told.Ci, 1, null));
        var job = Told.Job(known);
        Assert.Equal((null, WaitReason.NoPoolMatches), (job.Pool, job.Waits?.Reason));
        Assert.Contains(sentence, job.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunningJobIsToldWithItsPod()
    {
        Job[] jobs = [Given.Job(state: JobState.Running, runner: Given.RunnerName(0))];
        var input = Given.Input(Given.Pool(), jobs, Given.Registered(0));
        var known = new Knowledge { Now = Given.Now, Board = Given.Board(jobs), Pools = [Told.Pass(input)] };
        var job = Told.Job(known, reader: Told.Ci);
        Assert.Equal(("ci/linux", "linux-0", RunnerState.Busy), (job.Pool, job.Pod?.Name, job.Pod?.State));
        Assert.Equal($"Runner '{Given.RunnerName(0)}' of pool ci/linux has had it for 30 s.", job.Summary);
    }

    [Fact]
    public void AJobThatIsHeldAtGitHubWaitsForNoRunner()
    {
        var job = Told.Job(Told.Known([Given.Pool()], [Given.Job(state: JobState.Blocked)]));
        Assert.Contains("something else than a runner", job.Summary, StringComparison.Ordinal);
        Assert.Null(job.Waits?.Reason);
    }

    [Fact]
    public void AJobThatIsOnlyRememberedIsToldWithHowItsRunnerEnded()
    {
        var done = Given.Job(state: JobState.Completed) with { Conclusion = "success" };
        var known = Told.Known([Given.Pool()], [], Told.Ended(job: done));
        var job = Told.Job(known, reader: Told.Ci);
        Assert.Equal((null, OutcomeKind.RanJob), (job.ReadAt, job.Ended?.Outcome));
        Assert.Equal("It has ended: success. It ended so.", job.Summary);
        Assert.Null(JobExplanation.Of(known, Reader.OfNothing, 1, null));
    }

    [Fact]
    public void ARepositoryTellsJobsOfTwoServersApart()
    {
        var known = Told.Known([Given.Pool()], [Given.Job()]);
        Assert.NotNull(JobExplanation.Of(known, Reader.OfAll, 1, RepositoryName.Read("acme/app")));
        Assert.Null(JobExplanation.Of(known, Reader.OfAll, 1, RepositoryName.Read("acme/lib")));
        Assert.Null(JobExplanation.Of(
            known, Reader.OfAll, 1, RepositoryName.Read("https://ghe.example.com/acme/app")));
    }

    [Fact]
    public void WhatOthersWroteIsBoundedAndNothingOfItIsObeyed()
    {
        var name = "<b>\u202eevil\u001b[2J" + new string('x', 5000);
        var known = Told.Known([Given.Pool()], [Given.Job(labels: "linux \u202egpu\u001b") with { Name = name }]);
        var told = HumanText.Of(Told.Job(known));
        Assert.Contains("<b>\\u202eevil\\u001b[2J", told, StringComparison.Ordinal);
        Assert.DoesNotContain(told, c => char.IsControl(c) && c is not ('\n' or '\r'));
        Assert.DoesNotContain('\u202e', told);
        Assert.InRange(told.Length, 1, 3000);
    }

    [Fact]
    public void ARunIsItsJobsThatTheReaderMayBeToldOf()
    {
        Pool[] pools = [Given.Pool(), Given.Pool("b", labels: "gpu") with { Key = new("secret", "b") }];
        Job[] jobs = [Given.Job() with { RunId = 9 }, Given.Job(2, labels: "gpu") with { RunId = 9 }];
        var known = Told.Known(pools, jobs);
        Assert.Equal([1, 2], RunExplanation.Of(known, Reader.OfAll, 9, null)!.Jobs.Select(j => j.Id));
        Assert.Equal([1], RunExplanation.Of(known, Told.Ci, 9, null)!.Jobs.Select(j => j.Id));
        Assert.Null(RunExplanation.Of(known, Reader.OfNothing, 9, null));
        Assert.Null(RunExplanation.Of(known, Reader.OfAll, 8, null));
    }

    [Fact]
    public void WhatIsNotKnownIsToldWithWhyThatMayBe()
    {
        var known = Told.Known([Given.Pool()], []);
        Assert.Contains("No job 5 is known",
            UnservedWords.Unknown(known, Told.Ci, "job 5", null), StringComparison.Ordinal);
        Assert.Contains("No pool that you may read serves evil/app at https://github.com",
            UnservedWords.Unknown(
                known, Told.Ci, "job 5", RepositoryName.Read("https://github.com/evil/app")), StringComparison.Ordinal);
    }

    [Fact]
    public void AnEstimateStandsOnTheLastPodsOfThePoolOrIsNotMade()
    {
        Job[] jobs = [Given.Job()];
        JobAnswer With(int count) => Told.Job(Told.Known(
            [Given.Pool()], jobs, Enumerable.Range(0, count).Select(i => Told.Ended(i, claimedAfter: 10 + i))));
        Assert.Null(With(Estimate.Least - 1).Estimate);
        Assert.Equal(
            new EstimateAnswer(12, "half of the last 5 pods of pool ci/linux were ready within 12 s"),
            With(Estimate.Least).Estimate);
        Assert.Null(Told.Job(Told.Known(
            [Given.Pool(max: 0)], jobs, Enumerable.Range(0, 9).Select(i => Told.Ended(i)))).Estimate);
    }

    [Fact]
    public void TimesHaveTheirLargestTwoUnits() => Assert.Equal(
        ["0 s", "59 s", "1 min 0 s", "2 h 5 min", "1 d 1 h"],
        new[] { -5, 59, 60, 7500, 90000 }.Select(s => Wording.Span(TimeSpan.FromSeconds(s))));
}
