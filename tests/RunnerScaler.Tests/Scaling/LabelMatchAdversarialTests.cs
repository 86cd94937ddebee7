using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Scaling;

public sealed class LabelMatchAdversarialTests
{
    [Fact]
    public void TheTurkishIsDoNotBreakAMatch()
    {
        Assert.True(LabelMatch.Serves(Given.Pool(labels: "WIN11"), Given.Job(labels: "win11")));
        Assert.False(LabelMatch.Serves(Given.Pool(labels: "wın11"), Given.Job(labels: "win11")));
    }

    [Fact]
    public void TheFirstScopeThatCoversTheRepositorySaysWhetherAGroupIsNamed()
    {
        var pool = Given.Pool(
            serves: [Given.Organization(group: null, only: "app"), Given.Organization(group: "Deployers")]);
        Assert.False(LabelMatch.Serves(pool, Given.Job(labels: "", repository: "acme/app")));
        Assert.True(LabelMatch.Serves(pool, Given.Job(labels: "", repository: "acme/lib")));
    }

    [Fact]
    public void TheSameRepositoryAtAnotherServerIsAnother()
    {
        var elsewhere = Given.Job() with { Repository = RepositoryKey.Of("https://ghes.example", "acme", "app") };
        Assert.False(LabelMatch.Serves(Given.Pool(), elsewhere));
        Assert.Null(LabelMatch.Nearest([Given.Pool()], elsewhere));
    }

    [Fact]
    public void APoolThatIsBeingDeletedIsChosenOnlyIfNoOtherServesTheJob()
    {
        var leaving = Given.Pool("a", priority: 5) with { Deleting = true };
        var other = Given.Pool("b", labels: "self-hosted linux gpu");
        Assert.Equal("b", LabelMatch.Choose([leaving, other], Given.Job())!.Key.Name);
        Assert.Equal("a", LabelMatch.Choose([leaving], Given.Job())!.Key.Name);
    }

    [Fact]
    public void NoPoolsServeNothing()
    {
        Assert.Null(LabelMatch.Choose([], Given.Job()));
        Assert.Null(LabelMatch.Nearest([], Given.Job()));
    }
}
