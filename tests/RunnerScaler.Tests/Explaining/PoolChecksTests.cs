using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

/// <summary>Each condition that is bad is a finding with a remedy, and what is well is said to be.</summary>
public sealed class PoolChecksTests
{
    [Theory]
    [InlineData(Conditions.Ready, false, "CredentialsInvalid", "credentials", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.QueueRead, false, "CredentialsRefused", "credentials", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.Ready, false, "PermissionMissing", "permissions", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.Ready, false, "ScopeNotFound", "scopes", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.Ready, false, "RunnerGroupNotFound", "runner groups", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.JobsUnassigned, true, "NotAssigned", "runner groups", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.Ready, false, "RegistrationRefused", "registration", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.QueueRead, false, "RateLimited", "budget", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.QueueRead, false, "ReadingPaused", "budget", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.QueueRead, false, "Unreachable", "reading", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.QueueRead, false, "Stale", "reading", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.Ready, false, "SpecInvalid", "spec", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.FieldsIgnored, true, "LaterRelease", "spec", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.JobsUnmatched, true, "NoPoolMatches", "labels", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.JobsUnmatched, true, "ForksRefused", "labels", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.RunnerOutdated, true, "RefusedByGitHub", "runner version", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.RightsMissing, true, "Forbidden", "rights", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.AtCapacity, true, "PoolFull", "capacity", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.BuilderSelected, false, "Unavailable", "builder", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.CacheFound, false, "NotFound", "builder", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.DeployExposed, true, "ForkJobs", "deploy", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.SlotsResting, true, "PodsDoNotStart", "pods", nameof(CheckLevel.Warning))]
    [InlineData(Conditions.Ready, false, "PodsFail", "pods", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.Ready, false, "BuilderUnavailable", "builder", nameof(CheckLevel.Failure))]
    [InlineData(Conditions.Ready, false, "RequestsRefused", "rights", nameof(CheckLevel.Failure))]
    public void ABadConditionIsAFinding(string type, bool holds, string reason, string check, string level)
    {
        var known = Known(new PoolCondition(type, holds, reason, "It is so."));
        var found = Assert.Single(PoolChecks.Of(known, Reader.OfAll));
        Assert.Equal((check, level, "pool ci/linux", "It is so."),
            (found.Check, $"{found.Level}", found.About, found.Sentence));
        Assert.EndsWith(".", found.Remedy, StringComparison.Ordinal);
        Assert.Contains($"`{check}`", Page.Read("doctor.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsWellIsSaidToBe()
    {
        var known = Known(new(Conditions.Ready, true, "Serving", "All is well."),
            new(Conditions.AtCapacity, null, "x", "y"));
        Assert.Equal(
            [CheckAnswer.Fine("pools", "pool ci/linux", "All is well.")], PoolChecks.Of(known, Reader.OfAll));
    }

    [Fact]
    public void TheSameSentenceIsSaidOnce() => Assert.Single(PoolChecks.Of(
        Known(new(Conditions.Ready, false, "ScopeNotFound", "Gone."),
            new(Conditions.QueueRead, false, "ScopeNotFound", "Gone.")), Reader.OfAll));

    [Fact]
    public void OthersPoolsAreNotThere()
    {
        var known = Known(new PoolCondition(Conditions.Ready, true, "Serving", "x"));
        var found = Assert.Single(PoolChecks.Of(known, Reader.OfNothing));
        Assert.Equal(("pools", CheckLevel.Warning), (found.Check, found.Level));
    }

    [Theory]
    [InlineData(2, 0, false)]
    [InlineData(3, 0, true)]
    [InlineData(3, 2, true)]
    [InlineData(3, 3, false)]
    public void RunnersThatMostlyEndBadlyAreAFinding(int bad, int good, bool isFound)
    {
        var known = Known(new PoolCondition(Conditions.Ready, true, "Serving", "x")) with
        {
            Ended =
            [
                .. Enumerable.Range(0, bad).Select(i => Told.Ended(i, OutcomeKind.OutOfMemory)),
                .. Enumerable.Range(0, good).Select(i => Told.Ended(i)),
            ],
        };
        var found = Assert.Single(PoolChecks.Of(known, Reader.OfAll));
        Assert.Equal(isFound ? "runners" : "pools", found.Check);
        if (isFound)
            Assert.Contains("the last one as OutOfMemory: It ended so.", found.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ImagePullBackOff", "images")]
    [InlineData("Unschedulable", "pods")]
    [InlineData("ContainerCreating", "pools")]
    public void WhatKeepsAPodFromStartingIsAFinding(string code, string check)
    {
        var pod = Given.Pod(0, PodPhase.Pending) with { WaitingReason = code, WaitingMessage = "sandbox/runner:1" };
        var pass = Told.Pass(Given.Input(
            Given.Pool(), [Given.Job()], (pod, RunnerNote.None), (pod with { Slot = 1, Uid = "1" }, RunnerNote.None)));
        var known = Told.Known([Given.Pool()], []) with { Pools = [pass] };
        var found = Assert.Single(PoolChecks.Of(known, Reader.OfAll));
        Assert.Equal((check, check == "pools"), (found.Check, found.Level == CheckLevel.Ok));
        Assert.Equal(check != "pools", found.Sentence.Contains("sandbox/runner:1", StringComparison.Ordinal));
    }

    private static Knowledge Known(params PoolCondition[] conditions)
    {
        var known = Told.Known([Given.Pool()], []);
        return known with
        {
            Pools = [known.Pools[0] with { Report = known.Pools[0].Report with { Conditions = [.. conditions] } }],
        };
    }
}
