using CsCheck;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class ClaimRoomTests
{
    [Theory]
    [InlineData(500, 0, 1, 500)]
    [InlineData(500, 0, 4, 500)]
    [InlineData(500, 450, 4, 125)]
    [InlineData(500, 300, 4, 200)]
    [InlineData(500, 5000, 1000, 10)]
    [InlineData(3, 5000, 1000, 3)]
    public void APoolHoldsItsPartOrWhatOthersLeave(int most, int elsewhere, int pools, int room) =>
        Assert.Equal(room, ClaimRoom.Of(most, elsewhere, pools));

    [Fact]
    public void ThoseThatCameLastAreSentAway() =>
        Assert.Equal([0, 3], SentAway(2, Standby(0, 1), Standby(1, 9), Standby(2, 5), Standby(3, 4)));

    [Fact]
    public void ThoseThatAreGivenAnIdentityOrRetiredTakeNoRoom()
    {
        var input = Input(4);
        var plan = PlanOf(input) with
        {
            Grants = [new(input.Fleet.Runners[0], Given.Acme)],
            Retire = [new(input.Fleet.Runners[1], OutcomeKind.Retired)],
        };
        Assert.Equal([3], ClaimRoom.SendAway(input, plan, room: 1).Select(a => a.Runner.Slot));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0, true)]
    [InlineData(-1, true)]
    public void OneThatCameTooEarlyIsHeldUntilItsTime(int backIn, bool away)
    {
        var (pod, note) = Standby(0, 5);
        var early = (pod, note with { LeftAt = Given.Now.AddSeconds(backIn) });
        Assert.Equal(away, SentAway(0, early) is [0]);
    }

    [Fact]
    public void OnlyAnOpenClaimCanBeEnded() => Assert.Empty(SentAway(
        0, Given.Starting(0), Given.Standby(1, waiting: false), Given.Registered(2), Given.Busy(3)));

    [Theory]
    [InlineData(1, 10)]
    [InlineData(30, 10)]
    [InlineData(120, 40)]
    [InlineData(10_000, 75)]
    public void TheMoreAreAwayTheLongerTheyStay(int away, int seconds)
    {
        var input = Input(away);
        var pauses = ClaimRoom.SendAway(input, PlanOf(input), 0).Select(a => a.After.TotalSeconds).Order().ToArray();
        Assert.Equal(away, pauses.Length);
        Assert.All(pauses, p => Assert.InRange(p, seconds * 0.5, seconds));

        // Evenly: half of them are back when three quarters of the time are over.
        Assert.InRange(pauses[away / 2], seconds * (away == 1 ? 0.5 : 0.7), seconds * 0.8);
    }

    [Fact]
    public void WhoTakesOverWaitsForThoseThatAreAway() =>
        Assert.True((ClaimRoom.LongestPause * 1.1) + TimeSpan.FromSeconds(30) < Lifecycle.ReclaimTime);

    [Fact]
    public void AsManyAreHeldAsMayBe() => Gen.Select(Gen.Int[0, 9].Array[0, 12], Gen.Int[0, 12]).Sample((ages, room) =>
        ages.Length - SentAway(room, [.. ages.Select((age, slot) => Standby(slot, age))]).Length
            == Math.Min(room, ages.Length));

    private static int[] SentAway(int room, params (PodFacts, RunnerNote)[] runners)
    {
        var input = Given.Input(Given.Pool(max: 20), [], runners);
        return [.. ClaimRoom.SendAway(input, PlanOf(input), room).Select(a => a.Runner.Slot).Order()];
    }

    private static PlanInput Input(int standby) => Given.Input(
        Given.Pool(max: standby), [], Enumerable.Range(0, standby).Select(slot => Standby(slot, standby - slot)));

    /// <summary>One that does nothing.</summary>
    private static Plan PlanOf(PlanInput input) => Planner.Plan(input) with { Grants = [], Retire = [] };

    private static (PodFacts Pod, RunnerNote Note) Standby(int slot, int seconds) =>
        Given.Standby(slot, TimeSpan.FromSeconds(seconds));
}
