using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

/// <summary>What jobs of a day asked for in vain is told of until a pool has it.</summary>
public sealed class LabelChecksTests
{
    private static readonly Pool Arm = Given.Pool(labels: "self-hosted linux-arm64");

    [Fact]
    public void JobsThatAreGoneAreToldOfWithTheNearestPoolAndTheLabelThatIsMissing()
    {
        var known = Known(Given.Now.AddHours(-2), Job(1), Job(2));
        var found = Assert.Single(LabelChecks.Of(known, Told.Ci));
        Assert.Equal(("labels of a day", CheckLevel.Ok, "pool ci/linux"), (found.Check, found.Level, found.About));
        Assert.Equal(
            "2 jobs of acme/app asked for [linux-arm, self-hosted], which no pool has; the last was seen in the queue "
            + "2 h 0 min ago. 'linux-arm': no pool has it; 'linux-arm64' of pool ci/linux is the nearest.",
            found.Sentence);
        Assert.EndsWith(".", found.Remedy, StringComparison.Ordinal);
        Assert.Contains($"`{found.Check}`", Page.Read("doctor.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingAskedForInVainIsWell() => AssertFine(Known(Given.Now));

    [Theory]
    [InlineData(-23.9, false)]
    [InlineData(-24, true)]
    public void ADayAgoIsForgotten(double hours, bool isFine)
    {
        var found = LabelChecks.Of(Known(Given.Now.AddHours(hours), Job(1)), Reader.OfAll);
        Assert.Equal(isFine, Assert.Single(found).Remedy is null);
    }

    [Theory]
    [InlineData(0.9, true)]
    [InlineData(1, false)]
    [InlineData(600, false)]
    public void OneMistakeIsNoWarningAnyMoreWhenItsJobsAreGone(double minutes, bool warns) =>
        AssertWarns(warns, Known(Given.Now.AddMinutes(-minutes), Job(1), Job(2)));

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void WhatIsAskedForAgainAndAgainStaysAWarning(double minutes, bool warns)
    {
        var last = Given.Now.AddHours(-2);
        var known = Known(last, Job(2));
        var before = Assert.Single(UnmatchedLabels.Of(Arm, [Job(1)], last.AddMinutes(-minutes)));
        AssertWarns(warns, known with { Unmatched = [known.Unmatched[0].After(before)] });
        var elsewhere = before with { Repository = Given.Repository("acme/web") };
        AssertWarns(warns, known with { Unmatched = [known.Unmatched[0], elsewhere] });
    }

    [Fact]
    public void APoolThatHasTheLabelsByNowSilencesIt() => AssertFine(
        Known([Arm, Given.Pool("new", labels: "self-hosted linux-arm")], Given.Now, Job(1)));

    [Fact]
    public void APoolThatServesOtherRepositoriesDoesNot()
    {
        var other = Given.Pool("new", labels: "self-hosted linux-arm", serves: Given.Organization("other"));
        var found = LabelChecks.Of(Known([Arm, other], Given.Now, Job(1)), Reader.OfAll);
        Assert.Equal(CheckLevel.Warning, Assert.Single(found).Level);
    }

    /// <summary>Anybody can write any name into his pool: only a credential proves that it is his.</summary>
    [Fact]
    public void APoolWhoseCredentialHasNotReadTheRepositoryIsToldNothingAndSilencesNothing()
    {
        var stranger = Given.Pool("a", labels: "self-hosted linux-arm") with
        {
            Key = new("a", "a"),
            Account = Given.Account with { Namespace = "a" },
        };
        var known = Known([stranger, Arm], Given.Now, Job(1));
        Assert.Equal("pool ci/linux", Assert.Single(LabelChecks.Of(known, Reader.OfAll)).About);
        var toStranger = Assert.Single(LabelChecks.Of(known, new Reader(false, false, ["a"])));
        Assert.Equal(CheckLevel.Ok, toStranger.Level);
    }

    [Fact]
    public void ARepositoryThatIsNotReadAnyMoreIsNobodysMatter() =>
        AssertFine(Known(Given.Now, Job(1)) with { Board = JobBoard.Empty });

    [Fact]
    public void WhatComesNearestToNoPoolIsForThoseWhoMayReadAll()
    {
        var known = Known([Given.Pool(labels: "gpu")], Given.Now, Job(1, "self-hosted-not other"));
        Assert.Null(Assert.Single(LabelChecks.Of(known, Reader.OfAll)).About);
        Assert.Equal(CheckLevel.Ok, Assert.Single(LabelChecks.Of(known, Told.Ci)).Level);
    }

    [Fact]
    public void RepositoriesThatAskForTheSameShareALine()
    {
        var found = LabelChecks.Of(
            Known(Given.Now, Job(1), Job(2) with { Repository = Given.Repository("acme/web") }), Reader.OfAll);
        Assert.StartsWith("2 jobs of ", Assert.Single(found).Sentence, StringComparison.Ordinal);
        Assert.Contains(" and 1 more repository asked", found[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void OfManyJobsNoMoreAreCountedThanAreRemembered() => Assert.StartsWith(
        "At least 100 jobs of ",
        Assert.Single(LabelChecks.Of(Known(Given.Now, Jobs(200)), Reader.OfAll)).Sentence,
        StringComparison.Ordinal);

    [Fact]
    public void TheNumberOfLinesIsBounded()
    {
        var jobs = Enumerable.Range(1, 30).Select(i => Job(i, $"self-hosted gpu-{i}")).ToArray();
        var found = LabelChecks.Of(Known(Given.Now, jobs), Reader.OfAll);
        Assert.Equal(21, found.Length);
        Assert.Contains(" 10 more ", found[^1].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void HostileLabelsAreBoundedAndCleaned()
    {
        var hostile = LabelSet.Of(["self-hosted", "\u001b[31m\u202e\r\nok: <b>", new string('x', 100_000)]);
        var found = Assert.Single(LabelChecks.Of(
            Known(Given.Now, Job(1) with { Labels = hostile }), Reader.OfAll));
        Assert.InRange(found.Sentence.Length, 1, 1001);
        Assert.DoesNotContain(found.Sentence, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    public void OneJobIsCountedOnceHoweverOftenItIsSeen()
    {
        var before = Assert.Single(UnmatchedLabels.Of(Arm, [Job(1), Job(2)], Given.Now.AddHours(-25)));
        var middle = Assert.Single(UnmatchedLabels.Of(Arm, [Job(2), Job(3)], Given.Now.AddHours(-2)));
        var now = Assert.Single(UnmatchedLabels.Of(Arm, [Job(3)], Given.Now));
        Assert.Equal([3, 2], now.After(middle.After(before)).Jobs.Select(j => j.Id));
    }

    [Fact]
    public void AForkThatIsRefusedLacksNoLabel() => Assert.Empty(
        UnmatchedLabels.Of(Arm, [Job(1, "self-hosted linux-arm64") with { FromFork = true }], Given.Now));

    [Fact]
    public void OfManyLabelsThoseThatAreMissingAreKept()
    {
        var has = string.Join(' ', Enumerable.Range(0, 50).Select(i => $"a{i}"));
        var kept = Assert.Single(UnmatchedLabels.Of(Given.Pool(labels: has), [Job(1, $"{has} zz")], Given.Now));
        Assert.Equal(20, kept.Labels.Count);
        Assert.Contains("zz", kept.Labels);
    }

    private static Job Job(long id, string labels = "self-hosted linux-arm") => Given.Job(id, labels: labels);

    private static Job[] Jobs(int count) => [.. Enumerable.Range(1, count).Select(i => Job(i))];

    private static Knowledge Known(DateTimeOffset seenAt, params Job[] jobs) => Known([Arm], seenAt, jobs);

    /// <summary>The repositories have been read, and the jobs are gone.</summary>
    private static Knowledge Known(Pool[] pools, DateTimeOffset seenAt, params Job[] jobs)
    {
        string[] repositories = ["acme/app", "acme/web"];
        var known = Told.Known(pools, repositories.Select((r, i) => Given.Job(1000 + i, r, state: JobState.Completed)));
        return known with { Unmatched = [.. UnmatchedLabels.Of(Arm, jobs, seenAt)] };
    }

    private static void AssertWarns(bool warns, Knowledge known) => Assert.Equal(
        warns ? CheckLevel.Warning : CheckLevel.Ok, Assert.Single(LabelChecks.Of(known, Reader.OfAll)).Level);

    private static void AssertFine(Knowledge known) =>
        Assert.Equal(CheckLevel.Ok, Assert.Single(LabelChecks.Of(known, Reader.OfAll)).Level);
}
