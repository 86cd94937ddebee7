using CsCheck;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class ClaimRuleTests
{
    private static readonly RegistrationTarget[] Targets =
        [.. Enumerable.Range(0, 6).Select(i => new RegistrationTarget(Given.Account, "alice", $"r{i}"))];

    [Fact]
    public void ThePodThatHasWaitedLongestGetsTheMostUrgentPlace()
    {
        Runner[] runners = [Standby(0, 1), Standby(1, 9), Standby(2, 5)];
        Assert.Equal([(1, "alice/r0"), (2, "alice/r1")],
            ClaimRule.Grant(Targets.Take(2), runners).Select(g => (g.Runner.Slot, g.Target.ToString())));
    }

    [Fact]
    public void AmongEquallyLongWaitsTheLowestSlotComesFirst() =>
        Assert.Equal([1, 4], ClaimRule.Grant(Targets, [Standby(4, 5), Standby(1, 5)]).Select(g => g.Runner.Slot));

    [Fact]
    public void OnlyAnOpenClaimOfAPodThatStaysIsGranted()
    {
        var retiring = Standby(2, 5) with { Note = new() { Waiting = true, Retiring = OutcomeKind.Retired } };
        Runner[] runners = [Given.Runner(Given.Starting(0)), Given.Runner(Given.Standby(1, waiting: false)), retiring,
            Given.Runner(Given.Registered(3)), Given.Runner(Given.Busy(4))];
        Assert.Empty(ClaimRule.Grant(Targets, runners));
    }

    [Theory]
    [InlineData("Deleted", true, "Grant")]
    [InlineData("Deleted", false, "Grant")]
    [InlineData("Busy", true, "Refuse")]
    [InlineData("Busy", false, "Refuse")]
    [InlineData("Gone", true, "Retire")]
    [InlineData("Gone", false, "Grant")]
    [InlineData("Unknown", true, "Later")]
    [InlineData("Unknown", false, "Later")]
    public void APodThatClaimsAgainIsAnsweredByWhatBecameOfItsIdentity(
        string deletion, bool wasRequested, string reissue) =>
        Assert.Equal(reissue, ClaimRule.AfterLostAnswer(Enum.Parse<Deletion>(deletion), wasRequested).ToString());

    [Fact]
    public void NoPlaceAndNoPodIsGivenTwice() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 9].Array[0, 8]).Sample((wanted, ages) =>
        {
            var grants = ClaimRule.Grant(Targets.Take(wanted), ages.Select((age, slot) => Standby(slot, age)));
            return grants.Length == Math.Min(wanted, ages.Length)
                && grants.Select(g => g.Target).SequenceEqual(Targets.Take(grants.Length))
                && grants.DistinctBy(g => g.Runner.Slot).Count() == grants.Length;
        });

    private static Runner Standby(int slot, int seconds) =>
        Given.Runner(Given.Standby(slot, TimeSpan.FromSeconds(seconds)));
}
