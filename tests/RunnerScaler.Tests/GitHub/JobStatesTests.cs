using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class JobStatesTests
{
    private static readonly DateTimeOffset Created = FakeGitHub.Start;
    private static readonly DateTimeOffset Started = Created.AddMinutes(1);
    private static readonly DateTimeOffset Ended = Created.AddMinutes(2);

    [Theory]
    [InlineData("queued", nameof(JobState.Queued))]
    [InlineData("in_progress", nameof(JobState.Running))]
    [InlineData("waiting", nameof(JobState.Blocked))]
    [InlineData("pending", nameof(JobState.Blocked))]
    [InlineData("requested", nameof(JobState.Blocked))]
    [InlineData("completed", nameof(JobState.Completed))]
    [InlineData("something_new", nameof(JobState.Queued))]
    [InlineData(null, nameof(JobState.Queued))]
    public void EachStatusHasItsMeaning(string? status, string state) =>
        Assert.Equal(Enum.Parse<JobState>(state), Read(status, null).State);

    [Theory]
    [InlineData("queued", null, false)]
    [InlineData("queued", "linux-1", false)]
    [InlineData("in_progress", "linux-1", true)]
    [InlineData("in_progress", null, true)]
    [InlineData("completed", "linux-1", true)]
    [InlineData("completed", "", false)]
    public void OnlyAJobThatARunnerBeganHasStarted(string status, string? runner, bool started) =>
        Assert.Equal(started ? Started : null, Read(status, runner).StartedAt);

    [Fact]
    public void IdsAreWideAndMissingPartsDoNoHarm()
    {
        var data = new JobData(
            100_520_616_165, 33_714_470_481, null, "queued", null, null, null, null, null, null, " ");

        var job = JobStates.ToJob(data, GitHubRig.Repository("app"), Created);

        Assert.Equal((100_520_616_165, 33_714_470_481, 1), (job.Id, job.RunId, job.RunAttempt));
        Assert.Equal((LabelSet.Empty, Created), (job.Labels, job.QueuedAt));
        Assert.Null(job.RunnerName);
    }

    [Theory]
    [InlineData("pull_request", 1L, 2L, true)]
    [InlineData("pull_request", 1L, 1L, false)]
    [InlineData("pull_request", 1L, null, true)]
    [InlineData("pull_request_target", 1L, 2L, true)]
    [InlineData("push", 1L, 2L, false)]
    [InlineData("pull_request", null, 2L, false)]
    [InlineData(null, 1L, 2L, false)]
    public void ARunIsAForksIfItsPullRequestComesFromElsewhere(string? cause, long? own, long? head, bool fork) =>
        Assert.Equal(fork, JobStates.IsFromFork(new RunData(1, "queued", 1, null)
        {
            Event = cause,
            Repository = own is { } o ? new RepositoryId(o) : null,
            HeadRepository = head is { } h ? new RepositoryId(h) : null,
        }));

    private static Job Read(string? status, string? runner) => JobStates.ToJob(
        new JobData(1, 2, 3, status, "success", Created, Started, Ended, "build", ["a"], runner),
        GitHubRig.Repository("app"),
        Created);
}
