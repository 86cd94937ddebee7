using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class AdmissionAdversarialTests
{
    [Fact]
    public void EverySpentRunnerDiscountsAtMostOneJobAndEveryJobIsAnsweredOnce() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[1, 5], Gen.Int[-2, 2]).Sample((jobs, spent, limit, second) =>
        {
            var input = Given.Input(Given.Pool() with { MaxRunnersPerRepository = limit }, Given.Jobs(jobs)) with
            {
                RecentlyFinished = [.. Enumerable.Range(0, spent).Select(i =>
                    new RecentlyFinishedRunner(Given.Acme, Given.RunnerName(i), Given.Now.AddSeconds(second)))],
            };
            var admission = EligibleJobs.Of(input);
            var discounted = admission.Others.Count(o => o.Reason == WaitReason.Assigning);
            Assert.Equal(second < 0 ? 0 : Math.Min(jobs, spent), discounted);
            Assert.Equal(
                Enumerable.Range(1, jobs).Select(i => (long)i),
                admission.Jobs.Select(j => j.Job.Id).Concat(admission.Others.Select(o => o.Job.Id)).Order());
            Assert.True(admission.Jobs.Length <= limit);
        });

    /// <summary>
    /// A pod that tells of its job holds back one of that run, however its repository is spelt; and only one that was
    /// read before its own began: what was queued beside that is another.
    /// </summary>
    [Theory]
    [InlineData("acme/app", 7, 0, new long[] { 1, 3 })]
    [InlineData("ACME/App", 7, 1, new long[] { 1, 3 })]
    [InlineData("acme/app", 7, 1.1, new long[] { 1, 2, 3 })]
    [InlineData("acme/app", 9, 0, new long[] { 1, 2, 3 })]
    [InlineData("acme/api", 7, 0, new long[] { 1, 2, 3 })]
    public void ARunnerThatTellsItsJobDiscountsOneOfThatRunOnly(
        string repository, long run, double seconds, long[] admitted)
    {
        Job[] jobs =
        [
            Given.Job(1) with { RunId = 5 }, Given.Job(2) with { RunId = 7 }, Given.Job(3) with { RunId = 7 },
        ];
        var input = Given.Input(Given.Pool(), jobs) with
        {
            RecentlyFinished =
            [
                new(Given.Acme, Given.RunnerName(0), Given.Now, new(repository, run, TimeSpan.FromSeconds(seconds))),
            ],
        };
        Assert.Equal(admitted, EligibleJobs.Of(input).Jobs.Select(j => j.Job.Id));
    }

    /// <summary>Of some jobs a scale set tells only that they are there.</summary>
    [Fact]
    public void AJobWhoseRunIsNotKnownMayBeTheOneThatARunnerTellsOf()
    {
        var input = Given.Input(Given.Pool(), [Given.Job(1) with { RunId = 0 }]) with
        {
            RecentlyFinished = [new(Given.Acme, Given.RunnerName(0), Given.Now, new("acme/web", 7, default))],
        };
        Assert.Empty(EligibleJobs.Of(input).Jobs);
    }

    [Fact]
    public void AStaleJobUsesUpNeitherALimitNorASpentRunner()
    {
        Job[] jobs = [Given.Job(1, age: TimeSpan.FromDays(2)), Given.Job(2), Given.Job(3)];
        var input = Given.Input(Given.Pool() with { MaxRunnersPerRepository = 1 }, jobs) with
        {
            RecentlyFinished = [new(Given.Acme, Given.RunnerName(0), Given.Now)],
        };
        Assert.Equal([3], EligibleJobs.Of(input).Jobs.Select(j => j.Job.Id));
    }

    [Fact]
    public void AJobFromTheFutureIsAdmitted() =>
        Assert.Single(EligibleJobs.Of(Given.Input(Given.Pool(), [Given.Job(age: TimeSpan.FromMinutes(-5))])).Jobs);
}
