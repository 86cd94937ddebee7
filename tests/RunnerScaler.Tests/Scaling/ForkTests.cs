using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;


namespace RunnerScaler.Tests.Scaling;

public sealed class ForkTests
{
    private static readonly Job Fork = Given.Job() with { FromFork = true };
    private static readonly Pool Shared = Given.Pool() with { RefusesForks = true };

    [Fact]
    public void APoolThatRefusesForksServesAllOtherJobs()
    {
        Assert.False(LabelMatch.Serves(Shared, Fork));
        Assert.True(LabelMatch.Serves(Shared, Given.Job()));
        Assert.True(LabelMatch.Serves(Given.Pool(), Fork));
    }

    [Fact]
    public void AJobOfAForkGoesToThePoolThatTakesIt()
    {
        Pool[] pools = [Shared, Given.Pool("open", labels: "self-hosted linux x64")];
        Assert.Equal("open", LabelMatch.Choose(pools, Fork)!.Key.Name);
        Assert.Equal("linux", LabelMatch.Choose(pools, Given.Job())!.Key.Name);
    }

    [Fact]
    public void AJobThatNobodyTakesBecauseItIsAForksSaysSo()
    {
        var input = Given.Input(Shared, [Fork]);
        var plan = Planner.Plan(input);
        Assert.Empty(plan.Create);
        Assert.Equal(WaitReason.ForksRefused, Assert.Single(plan.Waiting).Reason);
        var condition = PoolReporter.Report(1, input, plan, Given.Now).Conditions
            .Single(c => c.Type == "JobsUnmatched");
        Assert.Equal((true, "ForksRefused"), (condition.Holds, condition.Reason));
        Assert.Contains("spec.builder.shared.forks", condition.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, false, false, "NoForks")]
    [InlineData(true, false, false, true, "ForkJobs")]
    [InlineData(true, false, true, false, "NoForks")]
    [InlineData(false, true, false, true, "PublicRepository")]
    [InlineData(false, true, true, false, "NoForks")]
    public void APoolThatDeploysTellsWhetherForksMayDeploy(
        bool forkJob, bool isPublic, bool refuses, bool exposed, string reason)
    {
        var pool = Given.Pool() with { DeploysAs = "deployer", RefusesForks = refuses };
        var job = Given.Job() with { FromFork = forkJob };
        var board = Given.Board(job).Apply(new JobObservation.AccountRead(Given.Account, [job.Repository], Given.Now)
        {
            Public = isPublic ? [job.Repository] : [],
        });

        var condition = ForkExposure.Of(pool, board)!;

        Assert.Equal(("DeployExposed", exposed, reason), (condition.Type, condition.Holds, condition.Reason));
    }

    [Fact]
    public void APoolThatGivesItsJobsNoAccountHasNothingToExpose() =>
        Assert.Null(ForkExposure.Of(Given.Pool(), Given.Board(Fork)));

    [Fact]
    public void ARepositoryThatThePoolDoesNotServeExposesNothing()
    {
        var pool = Given.Pool(serves: Given.Organization("acme", null, "app")) with { DeploysAs = "deployer" };
        var other = Given.Job(repository: "acme/site") with { FromFork = true };
        Assert.Equal(false, ForkExposure.Of(pool, Given.Board(other))!.Holds);
    }
}
