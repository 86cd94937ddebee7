using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

public sealed class PodAndPoolExplanationTests
{
    [Fact]
    public void APodIsToldWithItsStateAndItsTrouble()
    {
        var pod = Given.Pod(0, PodPhase.Pending) with
        {
            WaitingReason = "Unschedulable",
            WaitingMessage = "0/3 nodes are available",
        };
        var told = PodExplanation.Of(Known((pod, RunnerNote.None)), Told.Ci, "ci", "linux-0");
        Assert.Equal((RunnerState.Starting, "Unschedulable"), (told?.State, told?.Trouble?.Code));
        Assert.Equal(
            "It waits for a node. The scheduler finds no node for it: 0/3 nodes are available.", told!.Summary);
    }

    [Theory]
    [InlineData("Standby", "It is ready, without an identity")]
    [InlineData("Registered", "It has an identity")]
    [InlineData("Busy", "Its runner has a job")]
    public void EveryStateHasItsSentence(string state, string sentence)
    {
        var runner = state switch
        {
            "Standby" => Given.Standby(0),
            "Registered" => Given.Registered(0),
            _ => Given.Busy(0),
        };
        var told = PodExplanation.Of(Known(runner), Told.Ci, "ci", "linux-0");
        Assert.Equal(state, told?.State.ToString());
        Assert.StartsWith(sentence, told!.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void APodThatIsGoneIsToldWithHowItEnded()
    {
        var known = Told.Known([Given.Pool()], [], Told.Ended(3, OutcomeKind.OutOfMemory));
        var told = PodExplanation.Of(known, Told.Ci, "ci", "linux-3");
        Assert.Equal((null, OutcomeKind.OutOfMemory), (told?.State, told?.Ended?.Outcome));
        Assert.Equal("There is no such pod now. It ended so.", told!.Summary);
        Assert.Null(PodExplanation.Of(known, Reader.OfNothing, "ci", "linux-3"));
        Assert.Null(PodExplanation.Of(known, Told.Ci, "ci", "linux-4"));
        Assert.Null(PodExplanation.Of(known, Told.Ci, "other", "linux-3"));
    }

    [Fact]
    public void APoolIsToldWithItsQueueByReason()
    {
        var known = Told.Known([Given.Pool(max: 2)], Given.Jobs(5), Told.Ended());
        var told = PoolExplanation.Of(known, Told.Ci, Given.Linux)!;
        Assert.Equal(
            [(WaitReason.PoolFull, 3), (WaitReason.Creating, 2)], told.Waiting.Select(w => (w.Reason, w.Count)));
        Assert.Equal((5, 2, 1), (told.Queue.Length, told.MaxRunners, told.Ended.Length));
        Assert.Contains("5 jobs wait, the oldest for 59 min 0 s", told.Summary, StringComparison.Ordinal);
        Assert.Contains("  waiting   3 PoolFull: All 2 slots", HumanText.Of(told), StringComparison.Ordinal);
        Assert.Null(PoolExplanation.Of(known, Reader.OfNothing, Given.Linux));
        Assert.Null(PoolExplanation.Of(known, Told.Ci, new("ci", "none")));
    }

    [Fact]
    public void PoolsOfOthersAreNotListed()
    {
        var known = Told.Known([Given.Pool(), Given.Pool("b") with { Key = new("secret", "b") }], []);
        Assert.Equal(["linux"], PoolExplanation.All(known, Told.Ci).Pools.Select(p => p.Name));
        Assert.Equal(2, PoolExplanation.All(known, Reader.OfAll).Pools.Length);
    }

    [Fact]
    public void AListIsBounded()
    {
        var known = Told.Known([Given.Pool(max: 0)], Given.Jobs(60));
        Assert.Equal(
            PoolExplanation.MostQueued, PoolExplanation.Of(known, Told.Ci, Given.Linux)!.Queue.Length);
    }

    [Fact]
    public void TheBeginningOfAWaitIsKeptWhileItsReasonStays()
    {
        var full = Told.Pass(Given.Input(Given.Pool(max: 0), Given.Jobs(2)));
        var made = Given.Input(Given.Pool(max: 1), Given.Jobs(2)) with { Now = Given.Now.AddSeconds(5) };
        var then = Told.Pass(made).After(full).Waits;
        Assert.Equal(new(WaitReason.Creating, Given.Now.AddSeconds(5)), then[1]);
        Assert.Equal(new(WaitReason.PoolFull, Given.Now), then[2]);
    }

    private static Knowledge Known((PodFacts, RunnerNote) runner) => new()
    {
        Now = Given.Now,
        Board = JobBoard.Empty,
        Pools = [Told.Pass(Given.Input(Given.Pool(), [], runner))],
    };
}
