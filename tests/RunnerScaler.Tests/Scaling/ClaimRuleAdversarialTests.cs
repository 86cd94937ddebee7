using CsCheck;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class ClaimRuleAdversarialTests
{
    [Fact]
    public void WhoIsGrantedDoesNotDependOnTheOrderInWhichThePodsAreNamed() =>
        Gen.Select(Gen.Int[0, 3].Array[6], Gen.Shuffle(Enumerable.Range(0, 6).ToArray()), Gen.Int[0, 6])
            .Sample((ages, order, wanted) =>
            {
                var runners = ages.Select((age, slot) =>
                    Given.Runner(Given.Standby(slot, TimeSpan.FromSeconds(age)))).ToArray();
                var places = Enumerable.Repeat(Given.Acme, wanted).ToArray();
                return Slots(ClaimRule.Grant(places, runners))
                    .SequenceEqual(Slots(ClaimRule.Grant(places, order.Select(i => runners[i]))));
            });

    [Fact]
    public void NoMorePlacesAreAskedForThanThereArePods()
    {
        var asked = 0;
        Assert.Single(ClaimRule.Grant(Endless(), [Given.Runner(Given.Standby(0))]));
        Assert.InRange(asked, 1, 2);

        IEnumerable<RegistrationTarget> Endless()
        {
            while (true)
            {
                asked++;
                yield return Given.Acme;
            }
        }
    }

    [Fact]
    public void NoAnswerOfGitHubGivesABusyRunnerASecondIdentity() =>
        Gen.Select(Gen.Enum<Deletion>(), Gen.Bool).Sample((deletion, requested) =>
            deletion == Deletion.Deleted || !requested
            || ClaimRule.AfterLostAnswer(deletion, requested) != Reissue.Grant);

    private static IEnumerable<int> Slots(IEnumerable<ClaimGrant> grants) => grants.Select(g => g.Runner.Slot);
}
