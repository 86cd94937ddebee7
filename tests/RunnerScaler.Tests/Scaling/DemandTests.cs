using System.Collections.Immutable;
using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class DemandTests
{
    private static readonly ImmutableArray<Pool> Pools =
    [
        Given.Pool("linux"),
        Given.Pool("gpu", labels: "self-hosted linux gpu"),
        Given.Pool("alice", labels: "self-hosted linux", serves: Given.EachRepository()),
    ];

    [Theory]
    [InlineData("Queued", 1, 0)]
    [InlineData("Running", 0, 0)]
    [InlineData("Blocked", 0, 0)]
    [InlineData("Completed", 0, 0)]
    public void OnlyAQueuedJobIsDemand(string state, int queued, int running)
    {
        var demand = Of("linux", Given.Job(state: Enum.Parse<JobState>(state)));
        Assert.Equal((queued, running), (demand.Queued.Length, demand.Running));
    }

    [Fact]
    public void ARunningJobCountsForThePoolWhoseRunnerHasIt()
    {
        var job = Given.Job(state: JobState.Running, runner: "gpu-3-1a2b3c4d");
        Assert.Equal((0, 1), (Of("linux", job).Running, Of("gpu", job).Running));
    }

    [Fact]
    public void TheOldestJobComesFirst()
    {
        var demand = Of("linux", Given.Job(1, age: TimeSpan.FromMinutes(1)), Given.Job(9, age: TimeSpan.FromHours(1)),
            Given.Job(3, age: TimeSpan.FromMinutes(1)), Given.Job(2, "acme/lib", age: TimeSpan.FromMinutes(1)));
        Assert.Equal([9, 1, 2, 3], demand.Queued.Select(k => k.Job.Id));
    }

    [Fact]
    public void AJobKeepsTheTimeAtWhichItsRepositoryWasRead() =>
        Assert.Equal(Given.Now, Of("linux", Given.Job()).Queued.Single().ReadAt);

    [Fact]
    public void AJobThatNoPoolServesIsAttributedToTheNearest()
    {
        var job = Given.Job(labels: "self-hosted gpu arm64");
        Assert.Equal([job], Of("gpu", job).Unmatched);
        Assert.Empty(Of("linux", job).Unmatched);
    }

    [Fact]
    public void AJobOfGitHubsOwnRunnersConcernsNobody()
    {
        var job = Given.Job(labels: "ubuntu-latest");
        Assert.All(Pools, p => Assert.Equivalent(PoolDemand.None, Of(p.Key.Name, job)));
    }

    [Fact]
    public void AnUnknownPoolHasNoDemand() => Assert.Same(PoolDemand.None, Of("nobody", Given.Job()));

    [Fact]
    public void EveryJobForSelfHostedRunnersIsCountedExactlyOnce() =>
        Gen.Select(
            Gen.OneOf("acme/app", "acme/lib", "alice/app"),
            Gen.OneOf("linux", "self-hosted", "GPU linux", "self-hosted x"),
            Gen.OneOf(JobState.Queued, JobState.Blocked, JobState.Completed))
            .Array[0, 20]
            .Sample(specs =>
            {
                var jobs = specs.Select((s, i) => Given.Job(i, s.Item1, s.Item2, s.Item3)).ToArray();
                var demand = Demand.Share(Given.Board(jobs), Pools);
                var counted = Pools.SelectMany(p => demand.Of(p.Key) is var d
                    ? d.Queued.Select(k => k.Job.Id).Concat(d.Unmatched.Select(j => j.Id)) : []);
                Assert.Equal(jobs.Where(j => j.State == JobState.Queued).Select(j => j.Id), counted.Order());
            });

    private static PoolDemand Of(string pool, params Job[] jobs) =>
        Demand.Share(Given.Board(jobs), Pools).Of(new("ci", pool));
}
