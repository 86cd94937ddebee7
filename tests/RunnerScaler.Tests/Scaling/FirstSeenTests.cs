using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class FirstSeenTests
{
    private static readonly PodFacts Fresh = Given.Pod(0, PodPhase.Pending);

    [Fact]
    public void EachThingIsNotedWhenItIsFirstSeenByOurClock()
    {
        var seen = FirstSeen.Note(null, Fresh, At(0));
        Assert.Equal(new FirstSeen(At(0)), seen.Seen);
        seen = FirstSeen.Note(seen, Fresh with { ScheduledAt = Given.Now }, At(1));
        seen = FirstSeen.Note(seen, Given.Pod(0, grant: Given.Grant(0)), At(2));
        seen = FirstSeen.Note(seen, Given.Ended(0, grant: Given.Grant(0)), At(3));
        seen = FirstSeen.Note(seen, Given.Ended(0, grant: Given.Grant(0)) with { DeletingSince = Given.Now }, At(4));
        Assert.Equal(
            new FirstSeen(At(0)) { Scheduled = At(1), Grant = At(2), Ended = At(3), Leaving = At(4) }, seen.Seen);
    }

    [Fact]
    public void AnotherPodOfTheNameIsSeenAnew()
    {
        var before = FirstSeen.Note(null, Given.Ended(0), At(0));
        Assert.Equal(
            new FirstSeen(At(9)), FirstSeen.Note(before, Fresh with { Uid = "another" }, At(9)).Seen);
    }

    [Fact]
    public void WhoRanBeforeWeSawItWasNotSeenToBeScheduled() =>
        Assert.Null(FirstSeen.Note(null, Given.Pod(0), At(0)).Seen.Scheduled);

    [Fact]
    public void ASightingAloneIsNoChange()
    {
        var seen = FirstSeen.Note(null, Given.Pod(0), At(0));
        Assert.Equal(seen, FirstSeen.Note(seen, Given.Pod(0), At(5)));
    }

    private static DateTimeOffset At(int second) => Given.Now.AddSeconds(second);
}
