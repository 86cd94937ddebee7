using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class SessionTests
{
    private readonly Box _box = new();

    [Fact]
    public void ARunnerIsGoneAfterItsOneJob()
    {
        var job = _box.Queue();
        var session = _box.Run(job);
        _box.Pass(job.Duration);
        Assert.True(_box.Organization.Complete(session, JobConclusion.Success));
        Assert.Equal(JobConclusion.Success, _box.Now(job).Conclusion);
        Assert.Equal("r1", _box.Now(job).Runner?.Name);
        Assert.Empty(_box.Organization.AllRunners());
        Assert.Equal(SessionState.Gone, _box.Organization.StateOf(session));
        Assert.False(_box.Organization.Complete(session, JobConclusion.Success));
    }

    [Fact]
    public void ASecondSessionOfTheSameRunnerIsRefused()
    {
        var registration = _box.Register("r1");
        Assert.NotNull(_box.Organization.Connect(registration.EncodedJitConfig));
        Assert.Null(_box.Organization.Connect(registration.EncodedJitConfig));
    }

    [Fact]
    public void AJobIsTakenOnce()
    {
        var session = _box.Run(_box.Queue());
        Assert.Null(_box.Organization.TryTake(session));
        Assert.Equal(SessionState.Running, _box.Organization.StateOf(session));
    }

    [Fact]
    public void AVanishedRunnerIsSeenOnlineForAWhileAndMayBeGivenAJobNobodyRuns()
    {
        var session = _box.Connect("r1");
        _box.Settle();
        _box.Organization.Disconnect(session);
        var job = _box.Queue();
        _box.Settle();
        Assert.Equal(session.RunnerId, _box.Now(job).AssignedTo);
        _box.Pass(TimeSpan.FromMinutes(3));
        Assert.Null(_box.Now(job).AssignedTo);
        Assert.False(_box.Organization.AllRunners().Single().Online);
    }

    [Fact]
    public void ARunnerThatSaysGoodbyeIsOfflineAtOnceAndMayReturn()
    {
        var registration = _box.Register("r1");
        var session = _box.Organization.Connect(registration.EncodedJitConfig)!;
        _box.Organization.Disconnect(session, graceful: true);
        Assert.False(_box.Organization.AllRunners().Single().Online);
        Assert.Equal(SessionState.Gone, _box.Organization.StateOf(session));
        Assert.NotNull(_box.Organization.Connect(registration.EncodedJitConfig));
    }

    [Fact]
    public void TheJobOfAVanishedRunnerFailsAfterSomeMinutes()
    {
        var job = _box.Queue();
        var session = _box.Run(job);
        _box.Organization.Disconnect(session);
        _box.Pass(TimeSpan.FromMinutes(4.9));
        Assert.Equal(JobStatus.InProgress, _box.Now(job).Status);
        Assert.Equal(422, Box.Refused(() => _box.Organization.DeleteRunner("acme", session.RunnerId)));
        _box.Pass(TimeSpan.FromMinutes(0.2));
        Assert.Equal(JobConclusion.Failure, _box.Now(job).Conclusion);
        Assert.Empty(_box.Organization.AllRunners());
        Assert.Equal(1, _box.Organization.Statistics().LostContact);
    }

    [Fact]
    public void ACancelledJobIsEndedByItsRunner()
    {
        var job = _box.Queue();
        var session = _box.Run(job);
        _box.Organization.CancelJob(job.Id);
        Assert.Equal(SessionState.Cancelling, _box.Organization.StateOf(session));
        Assert.Equal(JobStatus.InProgress, _box.Now(job).Status);
        _box.Organization.Complete(session, JobConclusion.Cancelled);
        Assert.Equal(JobConclusion.Cancelled, _box.Now(job).Conclusion);
    }

    [Fact]
    public void ACancelledJobWhoseRunnerDoesNotListenIsEndedAfterSomeMinutes()
    {
        var job = _box.Queue();
        var session = _box.Run(job);
        _box.Organization.CancelJob(job.Id);
        _box.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(JobConclusion.Cancelled, _box.Now(job).Conclusion);
        Assert.Equal(SessionState.Gone, _box.Organization.StateOf(session));
    }

    [Fact]
    public void TheRunnerOfAJobCancelledBeforeItsStartWaitsForAnother()
    {
        var job = _box.Queue();
        var session = _box.Connect("r1");
        _box.Settle();
        _box.Organization.CancelJob(job.Id);
        Assert.Equal(JobConclusion.Cancelled, _box.Now(job).Conclusion);
        Assert.Null(_box.Now(job).Runner);
        Assert.Null(_box.Organization.TryTake(session));
        Assert.Equal(SessionState.Idle, _box.Organization.StateOf(session));
        var next = _box.Queue();
        _box.Settle();
        Assert.Equal(next.Id, _box.Organization.TryTake(session)?.Id);
    }

    [Fact]
    public void StatisticsCountJobsAndTheirWaits()
    {
        var job = _box.Queue();
        _box.Pass(TimeSpan.FromSeconds(7));
        var session = _box.Run(job);
        _box.Queue();
        Assert.Equal((2, 1, 1, 1), Counts());
        _box.Organization.Complete(session, JobConclusion.Failure);
        var statistics = _box.Organization.Statistics();
        Assert.Equal((2, 1, 1, 0), Counts());
        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(statistics.Waits));
        Assert.Equal(1, statistics.Completed[JobConclusion.Failure]);
        Assert.Equal((1, 0, 1), (statistics.Registered, statistics.RegisteredNow, statistics.RegisteredPeak));
    }

    [Fact]
    public void TimeAloneChangesNothingOnceAllIsDone()
    {
        var session = _box.Run(_box.Queue());
        Assert.Null(_box.Organization.NextDue);
        _box.Organization.Complete(session, JobConclusion.Success);
        Assert.Null(_box.Organization.NextDue);
        var changes = _box.Organization.Changes;
        _box.Pass(TimeSpan.FromDays(30));
        Assert.Equal(changes, _box.Organization.Changes);
    }

    private (int Queued, int Started, int QueuedNow, int RunningNow) Counts()
    {
        var statistics = _box.Organization.Statistics();
        return (statistics.Queued, statistics.Started, statistics.QueuedNow, statistics.RunningNow);
    }
}
