using RunnerScaler.GitHub.Queue;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>A job counts from when it began to wait for a runner, not from its creation.</summary>
public sealed class QueueTimeTests
{
    private static readonly DateTimeOffset Now = FakeGitHub.Start;

    private readonly GitHubRig bench = new();

    [Theory]
    [InlineData(-0.5, null, null, -0.5)] // first reading, new job
    [InlineData(-60.0, null, -60.0, -60.0)] // first reading, nothing moved since: it has waited for an hour
    [InlineData(-1500.0, null, -2.0, -2.0)] // first reading, created 25 h ago, the run moved two minutes ago
    [InlineData(-1500.0, null, -1500.0, -1500.0)] // first reading, nothing moved for 25 h: stuck
    [InlineData(-1500.0, -0.1, -0.05, -0.05)] // looked for six seconds ago and not there
    [InlineData(-1500.0, -0.1, null, 0.0)] // the same, and nothing tells when
    [InlineData(-0.2, -0.1, null, -0.2)] // clocks differ, lists lag
    [InlineData(5.0, null, null, 0.0)] // the future
    public void AQueuedJobThatWasNotKnownCountsFromItsLastChange(
        double created, double? seen, double? changed, double expected)
    {
        var time = new QueueTime(At(seen), At(changed), Now);

        Assert.Equal(At(expected), time.Of(Job(JobState.Queued, created), null));
    }

    [Theory]
    [InlineData(JobState.Blocked, JobState.Queued, -0.05, -0.05)]
    [InlineData(JobState.Blocked, JobState.Queued, null, 0.0)]
    [InlineData(JobState.Blocked, JobState.Blocked, -0.05, -3000.0)]
    [InlineData(JobState.Queued, JobState.Queued, -0.05, -3000.0)]
    [InlineData(JobState.Queued, JobState.Running, -0.05, -3000.0)]
    internal void AJobThatWasBlockedBeginsToWaitWhenItIsQueued(
        JobState before, JobState now, double? changed, double expected)
    {
        var known = Job(before, -3000);

        Assert.Equal(
            At(expected), new QueueTime(At(-0.1), At(changed), Now).Of(Job(now, -3000), known));
    }

    [Fact]
    public async Task AJobThatIsApprovedAfterADayIsServed()
    {
        var old = bench.Time.GetUtcNow().AddHours(-25);
        var run = bench.GitHub.AddRun(
            "app", 1, "waiting", new FakeJob(11, "waiting") { CreatedAt = old, StartedAt = old });
        run.UpdatedAt = old;
        await bench.ReadAsync();
        await bench.ReadAfterAsync(30);
        (run.Status, run.Jobs[0]) = ("queued", new FakeJob(11, "queued") { CreatedAt = old, StartedAt = old });

        var first = Queued(await bench.ReadAfterAsync(9));
        run.UpdatedAt = bench.Time.GetUtcNow().AddHours(1);
        var second = Queued(await bench.ReadAfterAsync(9));

        Assert.InRange(bench.Time.GetUtcNow() - first.QueuedAt, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(first.QueuedAt, second.QueuedAt);
    }

    [Fact]
    public async Task AJobThatWasApprovedBeforeWeLookedIsServed()
    {
        var old = bench.Time.GetUtcNow().AddHours(-25);
        var run = bench.GitHub.AddRun(
            "app", 1, "queued", new FakeJob(11, "queued") { CreatedAt = old, StartedAt = old });
        run.UpdatedAt = bench.Time.GetUtcNow().AddMinutes(-5);

        Assert.Equal(run.UpdatedAt, Queued(await bench.ReadAsync()).QueuedAt);
    }

    [Fact]
    public async Task AnotherAttemptOfAnOldRunCountsFromItsOwnBeginning()
    {
        var run = bench.GitHub.AddRun("app", 1, "completed", new FakeJob(11, "completed"));
        await bench.ReadAsync();
        bench.Time.Advance(TimeSpan.FromDays(3));
        await bench.ReadAsync();
        var now = bench.Time.GetUtcNow();
        (run.Status, run.Attempt, run.UpdatedAt) = ("queued", 2, now);
        run.Jobs = [new FakeJob(12, "queued") { CreatedAt = now, StartedAt = now }];

        Assert.Equal(now, Queued(await bench.ReadAfterAsync(9)).QueuedAt);
    }

    private static Job Queued(JobObservation[] seen) => Assert.Single(
        Assert.Single(seen.OfType<JobObservation.RepositoryRead>()).Jobs, j => j.State == JobState.Queued);

    private static DateTimeOffset? At(double? minutes) => minutes is { } m ? Now.AddMinutes(m) : null;

    private static Job Job(JobState state, double created) => new()
    {
        Id = 1,
        RunId = 1,
        Repository = GitHubRig.Repository("app"),
        Labels = LabelSet.Empty,
        State = state,
        QueuedAt = Now.AddMinutes(created),
    };
}
