using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class RunTests
{
    private readonly Box _box = new();

    [Fact]
    public void IdsExceedThirtyTwoBitsAndGrow()
    {
        var (first, second) = (_box.Queue(), _box.Queue());
        Assert.True(first.Id > int.MaxValue && first.RunId > int.MaxValue);
        Assert.True(second.Id > first.Id && second.RunId > first.RunId);
    }

    [Fact]
    public void ARunReadsQueuedWhileOneOfItsJobsIsAndOthersRun()
    {
        var run = Queue(new JobSpec("a"), new JobSpec("b") { RunsOn = ["rare"] });
        _box.Run(Jobs(run)[0]);
        Assert.Equal(JobStatus.Queued, _box.Now(run).Status);
        var rare = _box.Run(Jobs(run)[1], "r2");
        Assert.Equal(JobStatus.InProgress, _box.Now(run).Status);
        _box.Organization.Complete(rare, JobConclusion.Success);
        Assert.Equal(JobStatus.InProgress, _box.Now(run).Status);
        Assert.Null(_box.Now(run).Conclusion);
    }

    [Fact]
    public void AJobIsCreatedWhenAllItNeedsHaveSucceeded()
    {
        var run = Queue(
            new JobSpec("build") { Matrix = ["x", "y"] },
            new JobSpec("deploy") { Needs = ["build"] });
        Assert.Equal(["build (x)", "build (y)"], Jobs(run).Select(job => job.Name));
        Finish(Jobs(run)[0]);
        Assert.Equal(2, Jobs(run).Count);
        _box.Pass(TimeSpan.FromMinutes(1));
        Finish(Jobs(run)[1]);
        var deploy = Jobs(run)[2];
        Assert.Equal(JobStatus.Queued, deploy.Status);
        Assert.Equal(_box.Clock.GetUtcNow(), deploy.CreatedAt);
        Finish(deploy);
        Assert.Equal(JobConclusion.Success, _box.Now(run).Conclusion);
    }

    [Fact]
    public void AFailureSkipsTheJobsThatNeedIt()
    {
        var run = Queue(
            new JobSpec("build"),
            new JobSpec("test") { Needs = ["build"] },
            new JobSpec("deploy") { Needs = ["test"] });
        Finish(Jobs(run)[0], JobConclusion.Failure);
        Assert.Equal(
            [JobConclusion.Failure, JobConclusion.Skipped, JobConclusion.Skipped],
            Jobs(run).Select(job => job.Conclusion!.Value));
        Assert.Equal(JobConclusion.Failure, _box.Now(run).Conclusion);
        Assert.Equal(1, _box.Organization.Statistics().Queued);
    }

    [Theory]
    [InlineData(nameof(JobStatus.Waiting))]
    [InlineData(nameof(JobStatus.Pending))]
    [InlineData(nameof(JobStatus.Requested))]
    public void AJobBehindAGateNeedsNoRunnerUntilItIsReleased(string name)
    {
        var status = Enum.Parse<JobStatus>(name);
        var job = _box.Queue(new JobSpec("deploy") { InitialStatus = status });
        var session = _box.Connect("r1");
        _box.Settle();
        Assert.Equal(status, _box.Now(job).Status);
        Assert.Equal(0, _box.Organization.Statistics().Queued);
        _box.Organization.ReleaseJob(job.Id);
        _box.Settle();
        Assert.Equal(job.Id, _box.Organization.TryTake(session)?.Id);
    }

    [Fact]
    public void ARerunKeepsIdAndCreationAndHasNewJobs()
    {
        var run = Queue(new JobSpec("build"));
        Assert.Equal(403, Box.Refused(() => _box.Organization.RerunRun(run.Id)));
        Finish(Jobs(run)[0]);
        _box.Pass(TimeSpan.FromHours(1));
        var again = _box.Organization.RerunRun(run.Id);
        Assert.Equal((run.Id, run.CreatedAt, 2), (again.Id, again.CreatedAt, again.Attempt));
        Assert.Equal(JobStatus.Queued, again.Status);
        var job = Assert.Single(Jobs(run));
        Assert.Equal((2, _box.Clock.GetUtcNow()), (job.Attempt, job.CreatedAt));
        Assert.Equal([1, 2], _box.Organization.JobsOf(run.Id, 0).Select(each => each.Attempt));
        Assert.Equal(1, Assert.Single(_box.Organization.JobsOf(run.Id, 1)).Attempt);
        Assert.Equal(404, Box.Refused(() => _box.Organization.JobsOf(run.Id, 3)));
    }

    [Fact]
    public void ARerunOfFailedJobsReplaysTheSuccessfulOnesAsNewCompletedJobs()
    {
        var run = Queue(
            new JobSpec("good"), new JobSpec("bad"), new JobSpec("after") { Needs = ["good", "bad"] });
        var first = Jobs(run);
        Finish(first[0]);
        Finish(first[1], JobConclusion.Failure);
        _box.Organization.RerunRun(run.Id, failedOnly: true);
        var second = Jobs(run);
        Assert.Equal(["good", "bad"], second.Select(job => job.Name));
        Assert.Equal([JobStatus.Completed, JobStatus.Queued], second.Select(job => job.Status));
        Assert.DoesNotContain(second, job => first.Any(old => old.Id == job.Id));
        Assert.Equal(_box.Now(first[0]).StartedAt, second[0].StartedAt);
        Assert.Equal(3, _box.Organization.Statistics().Queued);
        Finish(second[1]);
        Finish(Jobs(run)[2]);
        Assert.Equal(JobConclusion.Success, _box.Now(run).Conclusion);
    }

    [Fact]
    public void CancellingARunEndsWhatHasNotStartedAndAsksTheRest()
    {
        var run = Queue(new JobSpec("a"), new JobSpec("b") { RunsOn = ["rare"] }, new JobSpec("c") { Needs = ["b"] });
        var session = _box.Run(Jobs(run)[0]);
        _box.Organization.CancelRun(run.Id);
        Assert.Equal(JobConclusion.Cancelled, _box.Now(Jobs(run)[1]).Conclusion);
        Assert.Equal(JobConclusion.Skipped, Jobs(run)[2].Conclusion);
        Assert.Equal(SessionState.Cancelling, _box.Organization.StateOf(session));
        _box.Organization.Complete(session, JobConclusion.Cancelled);
        Assert.Equal(JobConclusion.Cancelled, _box.Now(run).Conclusion);
        Assert.Equal(409, Box.Refused(() => _box.Organization.CancelRun(run.Id)));
    }

    [Fact]
    public void AZombieIsQueuedHasNoJobsAndCannotBeCancelled()
    {
        var zombie = _box.Organization.AddZombieRun("acme/app");
        _box.Pass(TimeSpan.FromDays(30));
        Assert.Equal(JobStatus.Queued, _box.Now(zombie).Status);
        Assert.Empty(Jobs(zombie));
        Assert.Equal(409, Box.Refused(() => _box.Organization.CancelRun(zombie.Id)));
    }

    [Fact]
    public void AGhostIsQueuedInACompletedRunAndGetsNoRunner()
    {
        var ghost = _box.Organization.AddGhostJob("acme/app", "self-hosted");
        var session = _box.Connect("r1");
        _box.Settle();
        Assert.Equal(SessionState.Idle, _box.Organization.StateOf(session));
        Assert.Equal(JobStatus.Queued, _box.Now(ghost).Status);
        Assert.Equal(JobStatus.Completed, _box.Organization.FindRun(ghost.RunId)!.Status);
    }

    [Fact]
    public void AnArchivedRepositoryQueuesNothing()
    {
        _box.Organization.SetRepository("acme/app", archived: true);
        Assert.Equal(403, Box.Refused(() => _box.Queue()));
    }

    [Fact]
    public void OnlyAPushMovesTheTimeOfTheLastPush()
    {
        _box.Pass(TimeSpan.FromHours(1));
        _box.Organization.QueueRun("acme/app", Box.Workflow(new JobSpec("a")) with { Event = "schedule" });
        Assert.Equal(Box.Start, _box.Organization.FindRepository("ACME/App")!.PushedAt);
        _box.Queue();
        Assert.Equal(Box.Start.AddHours(1), _box.Organization.FindRepository("acme/app")!.PushedAt);
    }

    [Fact]
    public void BadWorkflowsAreRefused()
    {
        JobSpec loop = new("a") { Needs = ["b"] };
        Assert.Throws<ArgumentException>(() => Queue());
        Assert.Throws<ArgumentException>(() => Queue(loop));
        Assert.Throws<ArgumentException>(() => Queue(loop, new JobSpec("b") { Needs = ["a"] }));
        Assert.Throws<ArgumentException>(() => Queue(new JobSpec("a"), new JobSpec("a")));
        Assert.Throws<ArgumentException>(() => Queue(new JobSpec("a") { RunsOn = [] }));
    }

    private Run Queue(params JobSpec[] jobs) => _box.Organization.QueueRun("acme/app", Box.Workflow(jobs));

    private IReadOnlyList<Job> Jobs(Run run) => _box.Organization.JobsOf(run.Id);

    private void Finish(Job job, JobConclusion conclusion = JobConclusion.Success) =>
        Assert.True(_box.Organization.Complete(_box.Run(job, $"runner-{job.Id}"), conclusion));
}
