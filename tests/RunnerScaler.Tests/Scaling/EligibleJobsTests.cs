using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Scaling;

public sealed class EligibleJobsTests
{
    [Fact]
    public void JobsAreAdmittedOldestFirstWithTheirTarget()
    {
        var pool = Given.Pool(serves: [Given.Organization(), Given.EachRepository()]);
        var admission = EligibleJobs.Of(Given.Input(pool,
            [Given.Job(1, age: TimeSpan.FromMinutes(1)), Given.Job(2, "alice/x", age: TimeSpan.FromMinutes(2))]));
        Assert.Equal(
            [(2, "alice/x"), (1, "acme")], admission.Jobs.Select(j => (j.Job.Id, j.Target.ToString())));
        Assert.Empty(admission.Others);
    }

    [Theory]
    [InlineData(23.99, true)]
    [InlineData(24, false)]
    [InlineData(200, false)]
    public void AJobThatHasBeenQueuedForADayIsStale(double hours, bool admitted)
    {
        var admission = EligibleJobs.Of(Given.Input(Given.Pool(), [Given.Job(age: TimeSpan.FromHours(hours))]));
        Assert.Equal(admitted ? 1 : 0, admission.Jobs.Length);
        Assert.Equal(admitted ? [] : [WaitReason.Stale], admission.Others.Select(o => o.Reason));
    }

    [Fact]
    public void ARepositoryGetsNoMoreThanItsLimitAndOthersAreNotHeldUp()
    {
        var pool = Given.Pool() with { MaxRunnersPerRepository = 2 };
        var admission = EligibleJobs.Of(Given.Input(pool, [.. Given.Jobs(3), Given.Job(9, "acme/lib")]));
        Assert.Equal([1, 2, 9], admission.Jobs.Select(j => j.Job.Id));
        var other = Assert.Single(admission.Others);
        Assert.Equal((3L, WaitReason.RepositoryLimit), (other.Job.Id, other.Reason));
    }

    [Fact]
    public void RunnersThatAreBusyForARepositoryCountForItsLimit()
    {
        var running = Given.Job(8, state: JobState.Running, runner: Given.RunnerName(0));
        var pool = Given.Pool() with { MaxRunnersPerRepository = 2 };
        var admission = EligibleJobs.Of(Given.Input(pool, [.. Given.Jobs(2), running], Given.Registered(0)));
        Assert.Equal([1], admission.Jobs.Select(j => j.Job.Id));
        Assert.Equal([WaitReason.RepositoryLimit], admission.Others.Select(o => o.Reason));
    }

    [Fact]
    public void ARunnerThatEndedAfterTheReadingTookOneJobOfItsTarget()
    {
        var input = Given.Input(Given.Pool(), Given.Jobs(3)) with
        {
            RecentlyFinished = [new(Given.Acme, "linux-0-1a2b3c4d", Given.Now)],
        };
        var admission = EligibleJobs.Of(input);
        Assert.Equal([2, 3], admission.Jobs.Select(j => j.Job.Id));
        Assert.Equal([WaitReason.Assigning], admission.Others.Select(o => o.Reason));
    }

    [Fact]
    public void ARunnerThatEndedBeforeTheReadingTookNoneOfItsJobs()
    {
        var input = Given.Input(Given.Pool(), Given.Jobs(3)) with
        {
            RecentlyFinished = [new(Given.Acme, "linux-0-1a2b3c4d", Given.Now - TimeSpan.FromSeconds(1))],
        };
        Assert.Equal(3, EligibleJobs.Of(input).Jobs.Length);
    }

    [Fact]
    public void ARunnerThatEndedElsewhereTookNoneOfTheseJobs()
    {
        var elsewhere = new RegistrationTarget(Given.Account, "alice", "x");
        var input = Given.Input(Given.Pool(), Given.Jobs(3)) with
        {
            RecentlyFinished = [new(elsewhere, "linux-0-1a2b3c4d", Given.Now)],
        };
        Assert.Equal(3, EligibleJobs.Of(input).Jobs.Length);
    }

    [Fact]
    public void UnmatchedJobsAreNamedWithThePoolThatComesNearest()
    {
        var other = Assert.Single(
            EligibleJobs.Of(Given.Input(Given.Pool(), [Given.Job(labels: "self-hosted gpu")])).Others);
        Assert.Equal(WaitReason.NoPoolMatches, other.Reason);
        Assert.Contains("ci/linux", other.Detail, StringComparison.Ordinal);
    }
}
