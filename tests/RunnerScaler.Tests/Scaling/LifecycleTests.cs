using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

public sealed class LifecycleTests
{
    private static readonly Deadlines Deadlines = new();
    private static readonly DateTimeOffset Created = Given.Now - TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("pending", 0, "Wait", null, 600)]
    [InlineData("pending", 599, "Wait", null, 600)]
    [InlineData("pending", 600, "Retire", "StartDeadline", null)]
    [InlineData("started", 600, "Retire", "StartDeadline", null)]
    [InlineData("standby", 86400, "Wait", null, null)]
    [InlineData("left", 179, "Wait", null, 180)]
    [InlineData("left", 180, "Retire", "StartDeadline", null)]
    [InlineData("granting", 86400, "Wait", null, null)]
    [InlineData("granted", 60, "Wait", null, 160)]
    [InlineData("granted", 160, "Check", null, null)]
    [InlineData("online", 359, "Wait", null, 360)]
    [InlineData("online", 360, "Check", null, null)]
    [InlineData("offline", 60, "Retire", "RegisterDeadline", null)]
    [InlineData("dropped", 89, "Wait", null, 90)]
    [InlineData("dropped", 90, "Retire", "NoJob", null)]
    [InlineData("busy unprotected", 60, "Protect", null, null)]
    [InlineData("busy undescribed", 69, "Wait", null, 70)]
    [InlineData("busy undescribed", 70, "Describe", null, null)]
    [InlineData("busy of another", 70, "Describe", null, null)]
    [InlineData("busy undescribed", 21660, "ReportOverdue", null, null)]
    [InlineData("busy read", 60, "Wait", null, 21660)]
    [InlineData("busy unseen", 169, "Wait", null, 170)]
    [InlineData("busy unseen", 170, "Check", null, null)]
    [InlineData("busy", 60, "Wait", null, 21660)]
    [InlineData("busy", 21660, "ReportOverdue", null, null)]
    [InlineData("busy reported", 99999, "Wait", null, null)]
    [InlineData("completed", 209, "Wait", null, 210)]
    [InlineData("completed", 210, "Retire", "RanJob", null)]
    [InlineData("ended", 60, "Bury", "NoJob", null)]
    [InlineData("retiring", 60, "Retire", "Retired", null)]
    [InlineData("retiring ended", 60, "Bury", "Retired", null)]
    [InlineData("retiring granting", 60, "Wait", null, null)]
    [InlineData("retiring busy", 60, "Wait", null, 21660)]
    [InlineData("terminating", 99999, "Wait", null, null)]
    [InlineData("removed", 99999, "Wait", null, null)]
    [InlineData("unseen", 99999, "Wait", null, null)]
    public void EveryStateHasItsStepAndEveryWaitItsEnd(
        string state, int second, string action, string? outcome, int? next)
    {
        var step = Lifecycle.Next(RunnerIn(state), Deadlines, Created, Created.AddSeconds(second));
        Assert.Equal(action, step.Action.ToString());
        Assert.Equal(next is { } due ? Created.AddSeconds(due) : null, step.Next);
        if (outcome is not null)
            Assert.Equal(outcome, step.Outcome.ToString());
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public void ClocksOfOthersEndNothingSoonerOrLater(int minutesAhead)
    {
        string[] states =
        [
            "pending", "started", "standby", "left", "granting", "granted", "online", "offline", "dropped", "busy",
            "completed", "ended", "retiring", "terminating",
        ];
        foreach (var runner in states.Select(RunnerIn))
        {
            var shifted = Shifted(runner, TimeSpan.FromMinutes(minutesAhead));
            Assert.Equal(runner.Since, shifted.Since);
            for (var second = 0; second < 30_000; second += 30)
                Assert.Equal(
                    Lifecycle.Next(runner, Deadlines, Created, Created.AddSeconds(second)),
                    Lifecycle.Next(shifted, Deadlines, Created, Created.AddSeconds(second)));
        }
    }

    [Fact]
    public void APodThatRanBeforeItsControllerHasTimeToClaimAgain()
    {
        var (leading, standby) = (Given.Now.AddHours(1), Given.Runner((Given.Pod(0), RunnerNote.None)));
        Assert.Equal(LifecycleStep.Wait(leading.AddMinutes(2)), Lifecycle.Next(standby, Deadlines, leading, leading));
        Assert.Equal(LifecycleAction.Retire, Lifecycle.Next(standby, Deadlines, leading, leading.AddMinutes(2)).Action);
        Assert.Equal(LifecycleAction.Retire,
            Lifecycle.Next(Given.Runner(Given.Starting(0)), Deadlines, leading, leading).Action);
    }

    [Fact]
    public void AStandbyHasTimeToFindTheReplicaThatLeadsAgain()
    {
        var leading = Given.Now.AddHours(1);
        var step = Lifecycle.Next(RunnerIn("left"), Deadlines, leading, leading);
        Assert.Equal(LifecycleStep.Wait(leading.AddMinutes(2)), step);
    }

    [Fact]
    public void AfterARestartARegisteredRunnerIsAskedAbout() =>
        Assert.Equal(LifecycleAction.Check, Lifecycle.Next(
            Given.Runner((Given.Pod(0, grant: Given.Grant(0)), RunnerNote.None)), Deadlines, Given.Now,
            Given.Now.AddHours(1)).Action);

    [Theory]
    [InlineData(0, "Completed", null, "NoJob")]
    [InlineData(0, "Completed", false, "NoJob")]
    [InlineData(0, "Completed", true, "RanJob")]
    [InlineData(1, "Error", true, "RanJob")]
    [InlineData(1, "Error", false, "Failed")]
    [InlineData(1, "Error", null, "Failed")]
    [InlineData(137, "OOMKilled", null, "OutOfMemory")]
    [InlineData(137, "OOMKilled", true, "OutOfMemory")]
    [InlineData(0, "OOMKilled", true, "RanJob")]
    [InlineData(0, "OOMKilled", false, "NoJob")]
    [InlineData(null, "Evicted", null, "Evicted")]
    [InlineData(null, "Preempting", null, "Evicted")]
    [InlineData(null, "NodeShutdown", null, "Evicted")]
    [InlineData(null, "NodeLost", null, "Lost")]
    public void AnEndedPodIsJudgedByWhatItSaidNotByItsExitCodeAlone(
        int? code, string reason, bool? ranJob, string outcome)
    {
        var runner = Given.Runner((Given.Ended(0, code, reason, ranJob), RunnerNote.None));
        Assert.Equal(outcome, RunnerOutcome.Of(runner, runner.Pod!).Kind.ToString());
    }

    [Theory]
    [InlineData(0, "Completed", false, false, "Evicted")]
    [InlineData(143, "Error", false, false, "Evicted")]
    [InlineData(137, "OOMKilled", false, false, "OutOfMemory")]
    [InlineData(0, "Completed", true, false, "RanJob")]
    [InlineData(0, "Completed", false, true, "NoJob")]
    [InlineData(1, "Error", false, true, "Failed")]
    public void APodThatSomebodyElseDeletedWasEvicted(
        int code, string reason, bool ranJob, bool deletedByUs, string outcome)
    {
        var pod = Given.Ended(0, code, reason, ranJob) with { DeletingSince = Given.Now };
        var runner = Given.Runner((pod, RunnerNote.None with { Removed = deletedByUs }));
        Assert.Equal(outcome, RunnerOutcome.Of(runner, pod).Kind.ToString());
    }

    [Fact]
    public void ARunnerWhoseJobWasSeenRanItAlsoIfItsPodCannotSaySoAndTheBoardHasMovedOn()
    {
        var pod = Given.Ended(0, null, "NeverStarted") with { DeletingSince = Given.Now };
        var runner = Given.Runner((pod, RunnerNote.None with { JobSeen = true }));
        Assert.Equal(OutcomeKind.RanJob, RunnerOutcome.Of(runner, pod).Kind);
    }

    [Theory]
    [InlineData(PodPhase.Succeeded, "NoJob")]
    [InlineData(PodPhase.Failed, "Failed")]
    public void APodThatSaysNothingIsJudgedByItsPhase(object phase, string outcome)
    {
        var runner = Given.Runner((Given.Pod(0, (PodPhase)phase), RunnerNote.None));
        Assert.Equal(outcome, RunnerOutcome.Of(runner, runner.Pod!).Kind.ToString());
    }

    [Fact]
    public void AJobThatTheBoardShowsProvesThatItRan()
    {
        var board = Given.Board(Given.Job(state: JobState.Completed, runner: Given.RunnerName(0)));
        var runner = Given.Runner((Given.Ended(0, grant: Given.Grant(0)), RunnerNote.None), board);
        Assert.Equal(OutcomeKind.RanJob, RunnerOutcome.Of(runner, runner.Pod!).Kind);
    }

    private static Runner Shifted(Runner runner, TimeSpan by)
    {
        var pod = runner.Pod!;
        var shifted = pod with
        {
            CreatedAt = pod.CreatedAt + by,
            ScheduledAt = pod.ScheduledAt + by,
            StartedAt = pod.StartedAt + by,
            DeletingSince = pod.DeletingSince + by,
            ClaimAnnotation = pod.ClaimAnnotation is { } mark ? mark with { At = mark.At + by } : null,
            Exit = pod.Exit is { } exit ? exit with { At = exit.At + by } : null,
        };
        return Given.Runner((shifted, runner.Note), runner.Job is not { } job ? null : Given.Board(job with
        {
            QueuedAt = job.QueuedAt + by,
            StartedAt = job.StartedAt + by,
            CompletedAt = job.CompletedAt + by,
        }));
    }

    private static Runner RunnerIn(string state)
    {
        var (pod, note) = Given.Registered(0);
        var @checked = note with { CheckedAt = Given.Now };
        var undescribed = note with { Protected = true };
        var busy = undescribed with { DescribedJob = Given.Job().Id };
        var retiring = new RunnerNote { Retiring = OutcomeKind.Retired };
        var running = Given.Board(Given.Job(state: JobState.Running, runner: Given.RunnerName(0)));
        var completed = Given.Board(Given.Job(state: JobState.Completed, runner: Given.RunnerName(0)));
        return state switch
        {
            "pending" => Given.Runner(Given.Starting(0)),
            "started" => Given.Runner((Given.Pod(0), RunnerNote.None)),
            "standby" => Given.Runner(Given.Standby(0)),
            "left" => Given.Runner((Given.Pod(0), new() { ClaimedAt = Created, LeftAt = Given.Now })),
            "granting" => Given.Runner((pod, note with { GrantInFlight = true })),
            "granted" => Given.Runner((pod, note)),
            "online" => Given.Runner((pod, @checked with { Seen = new(1, "", true, false) })),
            "offline" => Given.Runner((pod, @checked with { Seen = new(1, "", false, false) })),
            "dropped" => Given.Runner((pod, @checked)),
            "busy unprotected" => Given.Runner((pod, note), running),
            "busy unseen" => Given.Runner((pod, busy with { BusySince = Given.Now.AddSeconds(-10) })),
            "busy" => Given.Runner((pod, busy), running),
            "busy undescribed" => Given.Runner((pod, undescribed), running),
            "busy of another" => Given.Runner((pod with { DescribedJob = 7 }, undescribed), running),
            "busy read" => Given.Runner((pod with { DescribedJob = Given.Job().Id }, undescribed), running),
            "busy reported" => Given.Runner((pod, busy with { OverdueReported = true }), running),
            "completed" => Given.Runner((pod, note), completed),
            "ended" => Given.Runner((Given.Ended(0), RunnerNote.None)),
            "retiring" => Given.Runner((Given.Pod(0), retiring)),
            "retiring ended" => Given.Runner((Given.Ended(0), retiring)),
            "retiring granting" =>
                Given.Runner((pod, note with { GrantInFlight = true, Retiring = OutcomeKind.Retired })),
            "retiring busy" => Given.Runner((pod, busy with { Retiring = OutcomeKind.Retired }), running),
            "terminating" => Given.Runner((pod with { DeletingSince = Given.Now }, note)),
            "removed" => Given.Runner((pod, note with { Removed = true })),
            "unseen" => new PendingCreate(Given.Linux, 0, Created, false).AsRunner(),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };
    }
}
