using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class LabelMatchTests
{
    [Theory]
    [InlineData("self-hosted linux x64", "self-hosted", true)]
    [InlineData("self-hosted linux x64", "X64 Linux", true)]
    [InlineData("self-hosted linux", "self-hosted linux gpu", false)]
    [InlineData("self-hosted linux", "ubuntu-latest", false)]
    [InlineData("self-hosted linux", "dependabot", false)]
    [InlineData("ubuntu-latest", "ubuntu-latest", true)]
    public void APoolServesAJobAllOfWhoseLabelsItHas(string pool, string job, bool serves) =>
        Assert.Equal(serves, LabelMatch.Serves(Given.Pool(labels: pool), Given.Job(labels: job)));

    [Fact]
    public void APoolServesOnlyTheRepositoriesOfItsScopes()
    {
        var pool = Given.Pool(serves: Given.Organization("acme", null, "app"));
        Assert.True(LabelMatch.Serves(pool, Given.Job(repository: "ACME/App")));
        Assert.False(LabelMatch.Serves(pool, Given.Job(repository: "acme/lib")));
        Assert.False(LabelMatch.Serves(pool, Given.Job(repository: "other/app")));
    }

    [Theory]
    [InlineData("Deployers", true)]
    [InlineData(null, false)]
    public void AJobWithoutLabelsIsServedOnlyWhereAGroupIsNamed(string? group, bool serves) =>
        Assert.Equal(serves,
            LabelMatch.Serves(Given.Pool(serves: Given.Organization(group: group)), Given.Job(labels: "")));

    [Fact]
    public void ThePoolWithTheFewestSurplusLabelsIsChosen()
    {
        Pool[] pools = [Given.Pool("a", labels: "self-hosted linux gpu", priority: 9),
            Given.Pool("b", labels: "self-hosted linux")];
        Assert.Equal("b", LabelMatch.Choose(pools, Given.Job())!.Key.Name);
        Assert.Equal("a", LabelMatch.Choose(pools, Given.Job(labels: "gpu"))!.Key.Name);
    }

    [Fact]
    public void AmongEquallyFittingPoolsThePriorityThenTheNameDecides()
    {
        Assert.Equal("c",
            LabelMatch.Choose([Given.Pool("a"), Given.Pool("c", priority: 1), Given.Pool("b")], Given.Job())!.Key.Name);
        Assert.Equal("a",
            LabelMatch.Choose([Given.Pool("c"), Given.Pool("a"), Given.Pool("b")], Given.Job())!.Key.Name);
    }

    [Fact]
    public void NoPoolIsChosenForAJobOfGitHubsOwnRunners()
    {
        Pool[] pools = [Given.Pool()];
        Assert.Null(LabelMatch.Choose(pools, Given.Job(labels: "ubuntu-latest")));
        Assert.Null(LabelMatch.Nearest(pools, Given.Job(labels: "ubuntu-latest")));
        Assert.Null(LabelMatch.Nearest(pools, Given.Job(labels: "")));
    }

    [Fact]
    public void TheNearestPoolSharesTheMostLabels()
    {
        Pool[] pools = [Given.Pool("a", labels: "self-hosted"), Given.Pool("b", labels: "self-hosted arm64"),
            Given.Pool("c", labels: "x")];
        Assert.Equal("b", LabelMatch.Nearest(pools, Given.Job(labels: "self-hosted ARM64 gpu"))!.Key.Name);
        Assert.Equal("a", LabelMatch.Nearest(pools, Given.Job(labels: "self-hosted gpu"))!.Key.Name);
        Assert.Null(LabelMatch.Nearest(pools, Given.Job(labels: "gpu")));
    }

    [Fact]
    public void AJobForAnySelfHostedRunnerHasANearestPoolAlthoughNoLabelIsShared() =>
        Assert.Equal("a", LabelMatch.Nearest([Given.Pool("b", labels: "x"), Given.Pool("a", labels: "y")],
            Given.Job(labels: "self-hosted gpu"))!.Key.Name);

    [Fact]
    public void TheChoiceDoesNotDependOnTheOrderOfThePools() =>
        Gen.Select(Gen.OneOf("self-hosted", "self-hosted linux", "self-hosted linux gpu", "linux"), Gen.Int[0, 2])
            .Array[1, 6].SelectMany(specs => Gen.Shuffle(Enumerable.Range(0, specs.Length).ToArray())
                .Select(order => (specs, order)))
            .Sample(t =>
            {
                var pools = t.specs.Select((s, i) => Given.Pool($"p{i}", labels: s.Item1, priority: s.Item2)).ToArray();
                var shuffled = t.order.Select(i => pools[i]);
                return LabelMatch.Choose(pools, Given.Job(labels: "linux"))?.Key
                    == LabelMatch.Choose(shuffled, Given.Job(labels: "linux"))?.Key;
            });
}
