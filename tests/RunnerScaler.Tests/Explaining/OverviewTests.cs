using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

public sealed class OverviewTests
{
    [Fact]
    public void WaitingJobsAreShownTheOldestFirstWithWhatTheyWaitFor()
    {
        var known = Told.Known([Given.Pool(max: 0)], Given.Jobs(3));
        var now = OverviewExplanation.Of(known, Reader.OfAll);

        Assert.Equal(["job 1", "job 2", "job 3"], now.Queue.Shown.Select(r => r.Job.Name));
        Assert.All(
            now.Queue.Shown, r => Assert.Equal((WaitReason.PoolFull, null, false), (r.Reason, r.Sentence, r.IsServed)));
        var group = Assert.Single(now.Reasons);
        Assert.Equal((WaitReason.PoolFull, 3, false), (group.Answer.Reason, group.Answer.Count, group.IsServed));
        Assert.Contains("maxRunners is 0", group.Answer.Sentence, StringComparison.Ordinal);
        Assert.Equal(
            "runnerscaler explain https://github.com/acme/app/actions/runs/1/job/1", now.Queue.Shown[0].Explain);
        Assert.Equal("https://github.com/acme/app/actions/runs/1", now.Queue.Shown[0].Run.Url);
    }

    [Fact]
    public void WhatAReaderMayNotReadDoesNotExistForHim()
    {
        var secret = Given.Pool("b", labels: "gpu") with { Key = new("secret", "b") };
        var known = Told.Known(
            [Given.Pool(), secret], [Given.Job(), Given.Job(2, labels: "gpu"), Given.Job(3, labels: "ubuntu-latest")],
            [Told.Ended(1), Told.Ended(2) with { Pool = secret.Key }]) with
        {
            Phases =
            [
                new(Given.Linux, RunnerPhase.Start, Given.Now, 1, TimeSpan.FromSeconds(2)),
                new(secret.Key, RunnerPhase.Claim, Given.Now, 1, TimeSpan.FromSeconds(9)),
            ],
            Budgets =
            [
                new(Given.Account, "the token", "core", 9, 10, Given.Now),
                new(Given.Account with { Secret = "other" }, "the secret token", "core", 9, 10, Given.Now),
            ],
        };

        var his = OverviewExplanation.Of(known, Told.Ci);
        Assert.Equal([Given.Linux], his.Pools.Select(p => p.Key));
        Assert.Equal(["job 1"], his.Queue.Shown.Select(r => r.Job.Name));
        Assert.Equal(["linux-1"], his.Ended.Shown.Select(r => r.End.Pod));
        Assert.Equal([RunnerPhase.Start], his.Phases.Means.Keys);
        Assert.Equal(["the token"], his.Budgets.Select(b => b.Holder));
        Assert.Null(his.OfNoPool);
        Assert.DoesNotContain("secret", $"{his}", StringComparison.Ordinal);

        var all = OverviewExplanation.Of(known, Reader.OfAll);
        Assert.Equal((2, 1), (all.Pools.Length, all.OfNoPool));
        Assert.Empty(OverviewExplanation.Of(known, Reader.OfNothing).Queue.Shown);
    }

    [Fact]
    public void OfManyTheFirstThousandAreShownAndAllAreCounted()
    {
        var known = Told.Known([Given.Pool(max: 0)], Enumerable.Range(1, 10_000).Select(i => Given.Job(i)));
        var queue = OverviewExplanation.Of(known, Reader.OfAll).Queue;
        Assert.Equal((OverviewExplanation.MostRows, 10_000), (queue.Shown.Length, queue.All));
    }

    [Fact]
    public void RunnersAreShownWithTheirJobAndWhatKeepsThem()
    {
        var job = Given.Job(7, state: JobState.Running, runner: Given.RunnerName(1));
        var stuck = Given.Starting(2);
        var input = Given.Input(
            Given.Pool(), [job], Given.Busy(1),
            (stuck.Item1 with { WaitingReason = "ImagePullBackOff", WaitingMessage = "no such image" }, stuck.Item2));
        var known = new Knowledge { Now = Given.Now, Board = Given.Board(job), Pools = [Told.Pass(input)] };

        var runners = OverviewExplanation.Of(known, Reader.OfAll).Runners.Shown;
        Assert.Equal(["ci/linux-1", "ci/linux-2"], runners.Select(r => r.Key));
        Assert.Equal((RunnerState.Busy, "job 7"), (runners[0].State, runners[0].Job?.Name));
        Assert.Equal(Given.Now - TimeSpan.FromMinutes(1), runners[0].Begun);
        Assert.Contains("no such image", runners[1].Trouble?.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void OfTheEndsTheLatestAreShownAndTheBadOnesBefore()
    {
        var ends = Enumerable.Range(0, 200).Select(i => Told.Ended(
            i, i is 100 or 150 ? OutcomeKind.OutOfMemory : OutcomeKind.RanJob));
        var ended = OverviewExplanation.Of(Told.Known([Given.Pool()], [], ends), Reader.OfAll).Ended;
        Assert.Equal((22, 200), (ended.Shown.Length, ended.All));
        Assert.Equal(["linux-100", "linux-150"], ended.Shown.Where(e => e.IsBad).Select(e => e.End.Pod));
    }

    [Fact]
    public void AReasonWithWordsOfItsOwnKeepsThem()
    {
        var full = Told.Known([Given.Pool()], [
            Given.Job(labels: "self-hosted linux gpu"), Given.Job(2, labels: "self-hosted linux arm")]);
        var rows = OverviewExplanation.Of(full, Reader.OfAll).Queue.Shown;
        Assert.Single(rows, r => r.Sentence is null);
        Assert.Single(rows, r => r.Sentence is not null);
    }

    [Theory]
    [InlineData("ci/linux-1", "runnerscaler explain ci/linux-1")]
    [InlineData("https://h:8/a/b_c.d", "runnerscaler explain https://h:8/a/b_c.d")]
    [InlineData("a b", "runnerscaler explain 'a b'")]
    [InlineData("$(reboot)", "runnerscaler explain '$(reboot)'")]
    [InlineData("it's;ls", @"runnerscaler explain 'it'\''s;ls'")]
    public void ACommandIsSafeToPaste(string what, string command) => Assert.Equal(command, ExplainCommand.For(what));

    [Fact]
    public void ThePictureHasTheMeansOfEachPartOfTheHour()
    {
        var now = Given.Now.AddSeconds(90);
        PhaseFigure Figure(RunnerPhase phase, int minutesAgo, int count, double total) =>
            new(Given.Linux, phase, Given.Now.AddMinutes(-minutesAgo), count, TimeSpan.FromSeconds(total));

        var picture = PhasePicture.Of(
            [
                Figure(RunnerPhase.Start, 0, 2, 6), Figure(RunnerPhase.Start, 2, 1, 9),
                Figure(RunnerPhase.Claim, 1, 1, 1),
                Figure(RunnerPhase.Start, 59, 1, 100), Figure(RunnerPhase.Job, 0, 1, 1000),
            ],
            now);

        Assert.Equal(30, picture.Columns.Length);
        Assert.Equal(Given.Now, picture.Columns[^1].From);
        Assert.Equal(new PhaseMean(3, 2), picture.Columns[^1].Means[RunnerPhase.Start]);
        Assert.Equal(10, picture.Columns[^2].Seconds);
        Assert.Equal(new PhaseMean(5, 3), picture.Means[RunnerPhase.Start]);
        Assert.DoesNotContain(RunnerPhase.Job, picture.Means.Keys);
    }
}
