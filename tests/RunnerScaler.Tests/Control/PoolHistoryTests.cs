using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.State;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class PoolHistoryTests
{
    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly PoolHistory history;

    public PoolHistoryTests() => history = new(time);

    [Fact]
    public void FailuresAddUpUntilARunnerWorks()
    {
        history.Ended(Ended(0, ranJob: false), new(OutcomeKind.Failed, JobProof.None));
        time.Advance(TimeSpan.FromSeconds(1));
        history.Ended(Ended(1, ranJob: false), new(OutcomeKind.StartDeadline, JobProof.None));
        history.Ended(Ended(1, ranJob: false), new(OutcomeKind.Evicted, JobProof.None));
        Assert.Equal(2, history.FailuresOf(Given.Linux).Length);
        Assert.Empty(history.FailuresOf(new("ci", "gpu")));
        history.Ended(Ended(2, ranJob: true), new(OutcomeKind.RanJob, JobProof.Had));
        Assert.Empty(history.FailuresOf(Given.Linux));
    }

    [Fact]
    public void AJobThatTakesAllMemoryIsNoFailureOfThePoolsPods()
    {
        history.Ended(Ended(0, ranJob: false), new(OutcomeKind.OutOfMemory, JobProof.None));
        Assert.Single(history.FailuresOf(Given.Linux));
        history.Ended(Ended(1, ranJob: true), new(OutcomeKind.OutOfMemory, JobProof.Had));
        Assert.Empty(history.FailuresOf(Given.Linux));
    }

    [Fact]
    public void RefusalsCostShortPausesAndAreToldInTheWordsOfWhoeverRefused()
    {
        for (var refusal = 0; refusal < 20; refusal++)
        {
            history.Refused(Given.Linux, $"exceeded quota {refusal}");
            history.Refused(Given.Linux, "one of many at once");
            time.Advance(history.PauseOf(Given.Linux) is { } pause
                ? pause.Until - time.GetUtcNow()
                : TimeSpan.FromSeconds(1));
        }
        Assert.Empty(history.FailuresOf(Given.Linux));
        history.Refused(Given.Linux, "exceeded quota");
        Assert.Equal(
            new CreatePause(time.GetUtcNow() + CreateBackoff.LongestAfterRefusal, "exceeded quota"),
            history.PauseOf(Given.Linux));
        history.Ended(Ended(0, ranJob: true), new(OutcomeKind.RanJob, JobProof.Had));
        Assert.Null(history.PauseOf(Given.Linux));
    }

    [Theory]
    [InlineData("Evicted")]
    [InlineData("Lost")]
    public void PodsThatOthersRemoveAsSoonAsTheyAreMadeAreMadeAgainWithPauses(string how)
    {
        var outcome = Enum.Parse<OutcomeKind>(how);
        for (var removal = 0; removal < CreateBackoff.Free; removal++)
        {
            history.Ended(Removed(TimeSpan.FromSeconds(1)), new(outcome, JobProof.None));
            Assert.Null(history.PauseOf(Given.Linux));
        }
        history.Ended(Removed(TimeSpan.FromSeconds(1)), new(outcome, JobProof.None));
        var pause = history.PauseOf(Given.Linux);
        Assert.Equal(time.GetUtcNow() + TimeSpan.FromSeconds(1), pause?.Until);
        Assert.Contains("was removed by somebody else", pause?.Refusal);
        Assert.Empty(history.FailuresOf(Given.Linux));
    }

    [Fact]
    public void PodsThatAreRemovedLaterOrAfterTheyClaimedAreMadeAgainAtOnce()
    {
        for (var removal = 0; removal < 10; removal++)
        {
            history.Ended(Removed(TimeSpan.FromMinutes(2)), new(OutcomeKind.Evicted, JobProof.None));
            var claimed = Removed(TimeSpan.FromSeconds(1));
            claimed = claimed with { Note = claimed.Note with { ClaimedAt = time.GetUtcNow() } };
            history.Ended(claimed, new(OutcomeKind.Evicted, JobProof.None));
        }
        Assert.Null(history.PauseOf(Given.Linux));
    }

    [Fact]
    public void ARunnerOfWhichNothingIsKnownYetIsNoFailure()
    {
        history.Ended(Ended(0, ranJob: false), new(OutcomeKind.Failed, JobProof.Open));
        Assert.Empty(history.FailuresOf(Given.Linux));
    }

    [Fact]
    public void OldFailuresAreForgotten()
    {
        history.Ended(Ended(0, ranJob: false), new(OutcomeKind.Failed, JobProof.None));
        time.Advance(CreateBackoff.Memory);
        history.Ended(Ended(0, ranJob: false), new(OutcomeKind.Failed, JobProof.None));
        Assert.Equal([time.GetUtcNow()], history.FailuresOf(Given.Linux));
    }

    [Fact]
    public void ARunnerThatRanAJobUnseenIsSpentWhetherItsPodIsStillThereOrNot()
    {
        var fleet = Given.Fleet((Given.Ended(0, ranJob: true, grant: Given.Grant(0)), RunnerNote.None));
        Assert.Equal([new RecentlyFinishedRunner(Given.Acme, Given.RunnerName(0), Given.Now)], Finished(fleet));
        history.Ended(Ended(0, ranJob: true), new(OutcomeKind.RanJob, JobProof.Had));
        Assert.Single(Finished(fleet));
        Assert.Single(Finished());
    }

    [Fact]
    public void ARunnerWhoseJobTheBoardShowsIsNotSpent()
    {
        history.Ended(Ended(0, ranJob: true), new(OutcomeKind.RanJob, JobProof.Had));
        var board = Given.Board(Given.Job(state: JobState.Completed, runner: Given.RunnerName(0)));
        Assert.Empty(history.RecentlyFinishedOf(Given.Linux, Given.Fleet(), board));
    }

    [Fact]
    public void ARunnerWhoseJobTheBoardHasShownIsNotSpentAlsoWhenTheBoardHasMovedOn()
    {
        var seen = Given.Runner((Given.Ended(0, ranJob: true, grant: Given.Grant(0)), new() { JobSeen = true }));
        history.Ended(seen, new(OutcomeKind.RanJob, JobProof.Had));
        Assert.Empty(Finished(Given.Fleet((seen.Pod!, seen.Note))));
    }

    [Fact]
    public void ARunnerThatHadNoJobIsNotSpent()
    {
        history.Ended(Ended(0, ranJob: false), new(OutcomeKind.NoJob, JobProof.None));
        Assert.Empty(Finished());
    }

    [Fact]
    public void AfterOneReadingsTimeASpentRunnerHoldsNoJobBack()
    {
        history.Ended(Ended(0, ranJob: true), new(OutcomeKind.RanJob, JobProof.Had));
        time.Advance(PoolHistory.FinishedMemory - TimeSpan.FromTicks(1));
        Assert.Single(Finished());
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(Finished());
    }

    [Fact]
    public void OfASpentRunnerItIsKnownWhichJobItHad()
    {
        var ended = Ended(0, ranJob: true);
        var job = new JobReport("acme/web", 17, TimeSpan.FromSeconds(5));
        history.Ended(
            ended with { Pod = ended.Pod! with { Exit = ended.Pod!.Exit! with { Job = job } } },
            new(OutcomeKind.RanJob, JobProof.Had));
        Assert.Equal([job], Finished().Select(s => s.Job));
    }

    [Fact]
    public void AForgottenPoolHasNoPast()
    {
        history.Ended(Ended(0, ranJob: true), new(OutcomeKind.RanJob, JobProof.Had));
        history.Refused(Given.Linux, "quota");
        history.Forget(Given.Linux);
        Assert.Empty(Finished());
        Assert.Empty(history.FailuresOf(Given.Linux));
    }

    /// <summary>A job can end its program with the code of an outdated runner.</summary>
    [Theory]
    [InlineData(nameof(JobProof.Open))]
    [InlineData(nameof(JobProof.Had))]
    public void WhatAJobMayHaveSaidMakesNoPoolOutdated(string proof)
    {
        history.Ended(Outdated(), new(OutcomeKind.Failed, Enum.Parse<JobProof>(proof)));

        Assert.Null(history.OutdatedOf(Given.Linux));
    }

    [Fact]
    public void APoolIsOutdatedUntilAYoungerRunnerHasAJob()
    {
        var outdated = Outdated();
        history.Ended(outdated, new(OutcomeKind.Failed, JobProof.None));
        Assert.Contains("docs/images.md", history.OutdatedOf(Given.Linux), StringComparison.Ordinal);
        Assert.Single(history.FailuresOf(Given.Linux));
        history.TookJob(outdated.Pod!);
        Assert.NotNull(history.OutdatedOf(Given.Linux));
        history.TookJob(outdated.Pod! with { CreatedAt = outdated.Pod.CreatedAt.AddSeconds(1) });
        Assert.Null(history.OutdatedOf(Given.Linux));
        history.Ended(outdated, new(OutcomeKind.RanJob, JobProof.Had));
        Assert.Null(history.OutdatedOf(Given.Linux));
    }

    private static Runner Outdated()
    {
        var ended = Ended(0, ranJob: false);
        return ended with
        {
            Pod = ended.Pod! with { Exit = ended.Pod!.Exit! with { Outcome = ExitOutcome.RunnerOutdated } },
        };
    }

    private System.Collections.Immutable.ImmutableArray<RecentlyFinishedRunner> Finished(Fleet? fleet = null) =>
        history.RecentlyFinishedOf(Given.Linux, fleet ?? Given.Fleet(), JobBoard.Empty);

    private Runner Removed(TimeSpan age)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        var made = Given.Pod(0);
        return Given.Runner((made with { Seen = made.Seen with { Pod = time.GetUtcNow() - age } }, RunnerNote.None));
    }

    private static Runner Ended(int slot, bool ranJob) =>
        Given.Runner((Given.Ended(slot, ranJob: ranJob, grant: Given.Grant(slot)), RunnerNote.None));
}
