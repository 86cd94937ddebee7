using CsCheck;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class OrganizationProperties
{
    private static readonly Gen<(int Seed, int[] Choices)> Walks =
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 4000].Array[1, 80]);

    [Fact]
    public void JobsGoOnlyToMatchingIdleOnlineRunnersAndNeverToTwo() => Walks.Sample(
        walk =>
        {
            var organization = new OrganizationWalk(walk.Seed);
            foreach (var choice in walk.Choices) organization.Step(choice);
        },
        iter: 150);

    [Fact]
    public void EveryJobIsDoneWhenRunnersKeepComing() => Walks.Sample(
        walk =>
        {
            var organization = new OrganizationWalk(walk.Seed);
            foreach (var choice in walk.Choices) organization.Step(choice);
            organization.Finish();
        },
        iter: 50);

    [Fact]
    public void TheSameSeedAndCallsGiveTheSameHistory() => Walks.Sample(
        walk =>
        {
            var (one, two) = (new OrganizationWalk(walk.Seed), new OrganizationWalk(walk.Seed));
            foreach (var choice in walk.Choices) one.Step(choice);
            foreach (var choice in walk.Choices) two.Step(choice);
            Assert.Equal(one.Trace, two.Trace);
            Assert.Equal(one.Organization.Statistics().Waits, two.Organization.Statistics().Waits);
        },
        iter: 50);
}
