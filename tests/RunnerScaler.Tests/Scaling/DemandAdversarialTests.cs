using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Scaling;

public sealed class DemandAdversarialTests
{
    private static readonly RepositoryKey App = Given.Repository("acme/app");

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    [InlineData("github-app", "zz")]
    [InlineData("x1", "x2")]
    [InlineData("x2", "x1")]
    public void ARepositoryThatTwoAccountsReadIsCountedOnceWhicheverServesIt(string served, string other)
    {
        var (mine, theirs) = (Given.Account with { Secret = served }, Given.Account with { Secret = other });
        var board = JobBoard.Empty.Apply(Read(mine, 0, Given.Job())).Apply(Read(theirs, 1, Given.Job()));
        Pool[] pools =
        [
            Given.Pool("linux") with { Account = mine },
            Given.Pool("gpu", labels: "self-hosted gpu") with { Account = theirs },
        ];
        var demand = Demand.Share(board, [.. pools]);
        Assert.Single(demand.Of(new("ci", "linux")).Queued);
        Assert.Empty(demand.Of(new("ci", "gpu")).Unmatched);
        Assert.Empty(demand.Of(new("ci", "gpu")).Queued);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void OfTwoAccountsTheOneThatReadLastIsBelieved(int laterBy)
    {
        var other = Given.Account with { Secret = "other" };
        var board = JobBoard.Empty
            .Apply(Read(Given.Account, 0, Given.Job()))
            .Apply(Read(other, laterBy, Given.Job(state: JobState.Completed)));
        var demand = Demand.Share(board, [Given.Pool(), Given.Pool("z") with { Account = other }]);
        Assert.Equal(laterBy < 0 ? 1 : 0, demand.Of(Given.Linux).Queued.Length);
    }

    [Fact]
    public void TheSameNumberAtTwoServersNamesTwoJobs()
    {
        var enterprise = Given.Account with { Server = "https://ghes.example" };
        var there = Given.Job() with { Repository = RepositoryKey.Of("https://ghes.example", "acme", "app") };
        var board = JobBoard.Empty.Apply(Read(Given.Account, 0, Given.Job()))
            .Apply(new JobObservation.RepositoryRead(enterprise, there.Repository, [there], Given.Now));
        var pool = Given.Pool("b", serves: Given.Organization() with { Server = "https://ghes.example" });
        var demand = Demand.Share(board, [Given.Pool(), pool with { Account = enterprise }]);
        Assert.Single(demand.Of(Given.Linux).Queued);
        Assert.Single(demand.Of(new("ci", "b")).Queued);
    }

    [Fact]
    public void AJobThatIsListedTwiceInARepositoryCountsOnce() =>
        Assert.Single(Demand.Share(Given.Board(Given.Job(), Given.Job()), [Given.Pool()]).Of(Given.Linux).Queued);

    [Fact]
    public void ARunnerOfNoPoolMakesNobodyBusy()
    {
        var board = Given.Board(Given.Job(state: JobState.Running, runner: "linux-big"),
            Given.Job(2, state: JobState.Running));
        Assert.Equal(0, Demand.Share(board, [Given.Pool()]).Of(Given.Linux).Running);
    }

    private static JobObservation.RepositoryRead Read(AccountKey account, int second, params Job[] jobs) =>
        new(account, App, [.. jobs], Given.Now.AddSeconds(second));
}
