using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using static RunnerScaler.Scaling.Jobs.ScaleSetEventKind;

namespace RunnerScaler.Tests.Scaling;

/// <summary>What the messages of a scale set come to.</summary>
public sealed class AssignedJobsTests
{
    private static readonly RepositoryKey Untold = Given.Repository("acme/-");

    private static readonly AssignedJobs None = AssignedJobs.At(Given.Organization(), 1);

    private long message;

    [Fact]
    public void AJobIsAssignedStartedAndCompleted()
    {
        var jobs = Take(None, new(0, 1, 0), Event(Assigned, 7) with { QueuedAt = Given.Now.AddMinutes(-2) });
        var queued = Assert.Single(All(jobs));
        Assert.Equal((7L, JobState.Queued, Given.Repository()), (queued.Id, queued.State, queued.Repository));
        Assert.Equal(Given.Now.AddMinutes(-2), queued.QueuedAt);

        jobs = Take(jobs, new(0, 1, 1), Event(Started, 7) with { RunnerName = "linux-0-00000000" });
        var running = Assert.Single(All(jobs));
        Assert.Equal((JobState.Running, "linux-0-00000000"), (running.State, running.RunnerName));
        Assert.Equal((Given.Now, 0, 1), (running.StartedAt, jobs.Queued, jobs.Live));

        jobs = Take(jobs, new(0, 0, 0), Event(Completed, 7) with { Result = "succeeded" });
        var ended = Assert.Single(All(jobs));
        Assert.Equal((JobState.Completed, "succeeded"), (ended.State, ended.Conclusion));
        Assert.Equal("linux-0-00000000", ended.RunnerName);
        Assert.Equal((0, 0), (jobs.Queued, jobs.Live));
    }

    [Fact]
    public void AMessageThatComesAgainChangesNothing()
    {
        var (first, second) = (
            new ScaleSetMessage(1, [Event(Assigned, 1), Event(Started, 2)], new(0, 2, 1)),
            new ScaleSetMessage(2, [Event(Completed, 1)], new(0, 1, 1)));
        var jobs = None.Take(first, Given.Now).Take(second, Given.Now);
        Assert.Equal(All(jobs), All(jobs.Take(second, Given.Now).Take(first, Given.Now)));

        // A session that was opened anew begins to count anew.
        Assert.Equal(1, jobs.Begin(new(0, 1, 1), Given.Now).Take(new(1, [], new(0, 2, 1)), Given.Now).Queued);
    }

    [Fact]
    public void AJobWithoutARequestIsTheSameThroughAllItsLife()
    {
        var (said, id) = (Event(Assigned, 0) with { Key = "3a6c1a2e-job", JobId = -5 }, -5L);
        var jobs = Take(None, new(0, 1, 0), said);
        jobs = Take(jobs, new(0, 1, 1), said with { Kind = Started, RunnerName = "r" });
        Assert.Equal((id, JobState.Running), (Assert.Single(All(jobs)).Id, All(jobs)[0].State));
        Assert.Empty(Take(jobs, new(1, 1, 1), Event(Available, 0)).Acquirable);
    }

    [Fact]
    public void AJobWhoseEndIsToldBeforeItsStartHasEnded()
    {
        var jobs = Take(None, new(0, 0, 0), Event(Completed, 3) with { RunnerName = "a" });
        jobs = Take(jobs, new(0, 0, 0), Event(Started, 3) with { RunnerName = "b" });
        Assert.Equal((JobState.Completed, "a"), (Assert.Single(All(jobs)).State, All(jobs)[0].RunnerName));
    }

    [Fact]
    public void JobsThatAnEarlierSessionHeardOfAreCountedThoughNobodyTellsWhichTheyAre()
    {
        var jobs = None.Begin(new(0, 5, 3), Given.Now);
        Assert.Equal((2, 5, true), (jobs.Queued, jobs.Live, jobs.HasUntoldRunning));
        Assert.All(All(jobs), job => Assert.Equal((JobState.Queued, Untold), (job.State, job.Repository)));
        Assert.Equal(2, All(jobs).DistinctBy(j => j.Id).Count());

        // They stay the same while they are as many; when one goes, the oldest does.
        var later = jobs.Take(new(0, [], new(0, 5, 3)), Given.Now.AddMinutes(1));
        Assert.Equal(All(jobs), All(later));
        Assert.Equal([All(jobs)[1]], All(Take(later, new(0, 5, 4))));
    }

    [Fact]
    public void SetsOfOnePoolHaveNoUntoldJobInCommon()
    {
        var one = All(AssignedJobs.At(Given.Organization(), 0).Begin(new(0, 3, 0), Given.Now));
        var other = All(AssignedJobs.At(Given.Organization("bob"), 1).Begin(new(0, 3, 0), Given.Now));
        Assert.Empty(one.Select(j => j.Id).Intersect(other.Select(j => j.Id)));
    }

    [Fact]
    public void AJobWhoseEndWasLostGoesWithTheTotals()
    {
        var jobs = Take(None, new(0, 3, 1), Event(Assigned, 1), Event(Assigned, 2), Event(Started, 3));
        jobs = Take(jobs, new(0, 1, 0));
        Assert.Equal([2], All(jobs).Select(j => j.Id));
        Assert.Equal(1, jobs.Live);
    }

    [Fact]
    public void WhatWasToldJustNowIsBelievedWhenTheTotalsLagBehind()
    {
        var jobs = Take(None, new(0, 0, 0), Event(Assigned, 1), Event(Started, 2) with { RunnerName = "r" });
        Assert.Equal([JobState.Queued, JobState.Running], All(jobs).Select(j => j.State).Order());
        Assert.Equal(2, jobs.Live);
        Assert.Empty(All(Take(jobs, new(0, 0, 0))));
    }

    [Fact]
    public void AMessageWithoutTotalsCountsByWhatItTells()
    {
        var jobs = Take(None.Begin(new(0, 1, 0), Given.Now), null, Event(Assigned, 4));
        Assert.Equal((2, 2), (jobs.Queued, jobs.Live));
        jobs = Take(jobs, null, Event(Completed, 4));
        Assert.Equal((1, 1), (jobs.Queued, jobs.Live));
    }

    [Fact]
    public void AJobThatIsAssignedAgainIsQueuedThoughItWasTakenBackBefore()
    {
        var jobs = Take(None, new(0, 1, 0), Event(Assigned, 1) with { JobId = 99 });
        jobs = Take(jobs, new(0, 0, 0), Event(Completed, 1) with { JobId = 99, Result = "canceled" });
        Assert.All(
            [
                Take(jobs, new(0, 1, 0), Event(Assigned, 2) with { JobId = 99 }),
                Take(jobs, new(0, 1, 0), Event(Assigned, 1) with { JobId = 99 }),
            ],
            again => Assert.Equal((99L, JobState.Queued), (Assert.Single(All(again)).Id, All(again)[0].State)));
    }

    [Fact]
    public void AJobOfARepositoryThatTheSetDoesNotServeIsServedAllTheSame()
    {
        var jobs = Take(
            None, new(0, 3, 0), Event(Assigned, 1) with { Owner = "mallory" },
            Event(Assigned, 2) with { Owner = "../x" }, Event(Assigned, 3) with { Repository = "" });
        Assert.Equal([Untold], All(jobs).Select(j => j.Repository).Distinct());
        Assert.Equal(3, jobs.Queued);
    }

    [Fact]
    public void AnEnterprisesJobsAreOfAllItsOrganisations()
    {
        var jobs = Take(
            AssignedJobs.At(Enterprise(), 0), new(0, 2, 0), Event(Assigned, 1),
            Event(Assigned, 2) with { Owner = "Beta" });
        Assert.Equal(
            [Given.Repository(), Given.Repository("beta/app")],
            All(jobs).Select(j => j.Repository).OrderBy(r => $"{r}"));
    }

    [Fact]
    public void TimesThatCannotBeAreNotBelieved()
    {
        var jobs = Take(
            None, new(0, 2, 0), Event(Assigned, 1) with { QueuedAt = Given.Now.AddDays(-30) },
            Event(Assigned, 2) with { QueuedAt = Given.Now.AddDays(1) });
        Assert.All(All(jobs), job => Assert.Equal(Given.Now, job.QueuedAt));
    }

    [Fact]
    public void TotalsThatCannotBeAreBounded()
    {
        var jobs = None.Begin(new(int.MaxValue, int.MaxValue, int.MaxValue), Given.Now);
        Assert.Equal((10_000, 0, 10_000), (jobs.Live, jobs.Queued, jobs.Available));
        Assert.Equal(10_000, None.Begin(new(0, int.MaxValue, 0), Given.Now).Queued);
    }

    [Fact]
    public void AnEndedJobIsForgottenAfterAWhile()
    {
        var jobs = Take(None, new(0, 0, 0), Event(Completed, 1));
        Assert.Single(All(jobs));
        Assert.Empty(All(jobs.Take(new(99, [], new(0, 0, 0)), Given.Now.AddMinutes(10))));
    }

    [Fact]
    public void WhatCouldBeAcquiredIsOfferedUntilItIsAskedForOrGone()
    {
        var jobs = Take(None, new(3, 0, 0), [.. new[] { 1, 2, 3, 1 }.Select(id => Event(Available, id))]);
        Assert.Equal([1, 2, 3], jobs.Acquirable);
        jobs = Take(jobs.Acquired([1]), new(1, 1, 0), Event(Assigned, 2));
        Assert.Equal([3], jobs.Acquirable);
        Assert.Empty(jobs.Begin(new(1, 1, 0), Given.Now).Acquirable);
    }

    [Fact]
    public void HoweverMessagesComeThereAreAsManyJobsAsTheTotalsSay() =>
        Gen.Select(
            Gen.Select(Gen.Enum<ScaleSetEventKind>(), Gen.Long[1, 8], (kind, id) => Event(kind, id))
                .Array[0, 6].Array[1, 8],
            Gen.Int[0, 12], Gen.Int[0, 12])
            .Sample((messages, assigned, running) =>
            {
                var jobs = messages.Aggregate(None, (all, said) => Take(all, new(0, said.Length, 0), said));
                var totals = new ScaleSetStatistics(0, assigned, Math.Min(assigned, running));
                jobs = Take(jobs, totals);
                var told = All(jobs);
                return jobs.Live == assigned
                    && jobs.Queued == assigned - totals.Running
                    && told.Count(j => j.State == JobState.Queued) == jobs.Queued
                    && told.Count(j => j.State == JobState.Running) <= totals.Running
                    && told.DistinctBy(j => j.Id).Count() == told.Length;
            });

    private static Scope Enterprise() => new()
    {
        Kind = ScopeKind.Enterprise,
        Server = Given.Server,
        Owner = "enterprises/big",
    };

    private static ScaleSetEvent Event(ScaleSetEventKind kind, long request) => new()
    {
        Kind = kind,
        Key = $"{request}",
        RequestId = request,
        JobId = request,
        Owner = "Acme",
        Repository = "App",
    };

    private AssignedJobs Take(AssignedJobs jobs, ScaleSetStatistics? totals, params ScaleSetEvent[] said) =>
        jobs.Take(new(++message, [.. said], totals), Given.Now);

    private static Job[] All(AssignedJobs jobs) =>
        [.. jobs.ByRepository().Values.SelectMany(j => j).OrderBy(j => j.Id)];
}
