using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class FleetTests
{
    [Fact]
    public void APodMakesTheRequestForItsSlotMoot()
    {
        PendingCreate[] asked = [Asked(0), Asked(1)];
        var fleet = Fleet.Of([Given.Pod(0)], asked, _ => RunnerNote.None, _ => Given.Pool(), JobBoard.Empty);
        Assert.Equal([(0, true), (1, false)], fleet.Runners.Select(r => (r.Slot, r.Pod is not null)));
    }

    [Fact]
    public void ASlotThatSomebodyElseHoldsIsLost() =>
        Assert.Equal(RunnerState.Lost, (Asked(0) with { Hidden = true }).AsRunner().State);

    [Fact]
    public void RunnersAreCountedByState()
    {
        var fleet = Given.Fleet(
            Given.Starting(0), Given.Standby(1), Given.Registered(2), Given.Busy(3), (Given.Ended(4), RunnerNote.None),
            (Given.Pod(5) with { DeletingSince = Given.Now }, RunnerNote.None));
        Assert.Equal(new RunnerCounts(1, 1, 1, 1, 2), fleet.Counts());
        Assert.Equal(6, fleet.Counts().All);
    }

    [Fact]
    public void TheFreeSlotsAreThoseWithoutARunnerTheLowestFirst() =>
        Gen.Select(Gen.Int[0, 9].HashSet[0, 8], Gen.Int[0, 10]).Sample((taken, max) =>
        {
            var fleet = Given.Fleet(taken.Select(Given.Starting));
            return fleet.FreeSlots(max).SequenceEqual(Enumerable.Range(0, max).Where(slot => !taken.Contains(slot)));
        });

    [Theory]
    [InlineData("Queued", "Registered")]
    [InlineData("Blocked", "Registered")]
    [InlineData("Running", "Busy")]
    [InlineData("Completed", "Finished")]
    public void TheBoardSaysWhatARunnerIsDoing(string job, string runner)
    {
        var board = Given.Board(Given.Job(state: Enum.Parse<JobState>(job), runner: Given.RunnerName(0)));
        Assert.Equal(runner, Given.Runner(Given.Registered(0), board).State.ToString());
    }

    [Fact]
    public void WhatHasEndedOrIsGoingIsFinishedWhateverElseIsKnownOfIt()
    {
        var board = Given.Board(Given.Job(state: JobState.Running, runner: Given.RunnerName(0)));
        var (pod, note) = Given.Busy(0);
        Assert.Equal(RunnerState.Finished, Given.Runner((pod with { Phase = PodPhase.Failed }, note), board).State);
        Assert.Equal(RunnerState.Finished, Given.Runner((pod with { DeletingSince = Given.Now }, note), board).State);
    }

    private static PendingCreate Asked(int slot) => new(Given.Linux, slot, Given.Now, false);

    [Fact]
    public void SlotsThatRestComeLastAndOfThemTheOneThatFailedLongestAgoFirst()
    {
        var fleet = Given.Fleet(Given.Starting(1));
        SlotRest Rest(int slot, int minutesAgo) => new(slot, 1, Given.Now - TimeSpan.FromMinutes(minutesAgo), "why");
        Assert.Equal([2, 4, 3, 0], fleet.FreeSlots(5, [Rest(0, 1), Rest(1, 9), Rest(3, 2), Rest(7, 3)]));
        Assert.Equal([0, 2], fleet.FreeSlots(3, []));
    }
}
