using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class RunnerReconcilerTests : IDisposable
{
    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task TheRegistrationIsDeletedBeforeThePod()
    {
        var name = await Retiring();
        Assert.NotEqual(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.Equal([$"deregister {name}", "delete 0"], rig.Journal.Entries[^2..]);
        Assert.Empty(rig.GitHub.Names);
        Assert.Empty(rig.Recorder.Exits);
        rig.Pods.Remove(0);
        Assert.Equal([OutcomeKind.Retired], rig.Recorder.Exits);
        Assert.Contains((0, false, "RunnerRetired"), rig.Recorder.PodEvents.Select(e => (e.Slot, e.Warning, e.Reason)));
    }

    [Fact]
    public async Task WhileGitHubDoesNotAnswerThePodStays()
    {
        await Retiring();
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
        rig.GitHub.OnDeregister = null;
        Assert.NotEqual(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.Contains("delete 0", rig.Journal.Entries);
    }

    [Fact]
    public async Task ARunnerThatGitHubCallsBusyStaysAndIsProtected()
    {
        await Retiring();
        rig.GitHub.OnDeregister = () => DeregisterResult.Busy;
        Assert.NotEqual(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
        Assert.Null(rig.Note().Retiring);
        Assert.Equal(rig.Time.GetUtcNow(), rig.Note().BusySince);
        Assert.Equal([new RunnerKey(Given.Linux, 0)], ControlRig.Drain(rig.Get<Queues>().Runners));
        await rig.Reconcile();
        Assert.DoesNotContain("protect 0", rig.Journal.Entries);
        Assert.True(rig.Pods.InCluster(0)!.Protected);
    }

    [Fact]
    public async Task AStandbyIsDeletedOnlyIfNobodyTouchedItSinceItWasSeen()
    {
        rig.Pods.Put(Given.Pod(0));
        rig.Get<RunnerNotes>()
            .Update(Given.Uid(0), n => n with { ClaimedAt = Given.Now, Retiring = OutcomeKind.Retired });
        rig.Pods.Lagging = true;
        rig.Pods.Change(0, p => p with { ClaimAnnotation = Given.AnnotationOf(Given.Grant(0)) });
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
        Assert.Null(rig.Note().Retiring);
    }

    [Theory]
    [InlineData("drained", true)]
    [InlineData("killed", true)]
    [InlineData("shut down", true)]
    [InlineData("well", false)]
    [InlineData("removed by us", false)]
    public async Task ARegistrationIsDeletedAtOnceUnlessItsRunnerLivedToTheEndOfItsJob(string ended, bool deleted)
    {
        await rig.Granted0();
        var reason = ended == "shut down" ? "NodeShutdown" : "Completed";
        rig.Pods.Change(0, p => Given.Ended(0, ended == "killed" ? 137 : 0, reason, true, Given.Grant(0)) with
        {
            DeletingSince = ended is "drained" or "removed by us" ? Given.Now : null,
        });
        if (ended == "removed by us")
            rig.Get<RunnerNotes>().Update(Given.Uid(0), n => n with { Removed = true });
        rig.Pods.Remove(0);
        Assert.Equal(deleted ? 1 : 0, rig.Orphans().Length);
    }

    [Fact]
    public async Task ARunnerThatNeverCameOnlineIsRetiredAfterItWasAskedAbout()
    {
        var name = await rig.Granted0();
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        await rig.Reconcile();
        Assert.Equal(name, rig.Note().Seen!.Name);
        await rig.Reconcile();
        Assert.Equal([$"deregister {name}", "delete 0"], rig.Journal.Entries[^2..]);
        rig.Pods.Remove(0);
        Assert.Equal([OutcomeKind.RegisterDeadline], rig.Recorder.Exits);
        Assert.Equal(
            [(0, true, "RunnerRegisterDeadline")],
            rig.Recorder.PodEvents.Select(e => (e.Slot, e.Warning, e.Reason)));
        Assert.Contains(rig.Recorder.Events, e => e is (true, "RunnerRegisterDeadline", _));
    }

    [Fact]
    public async Task ARunnerThatGitHubShowsBusyIsBusyUntilGitHubShowsItIdle()
    {
        var name = await rig.Granted0();
        rig.GitHub.Put(Given.Acme, name, online: true, busy: true);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        await rig.Reconcile();
        Assert.NotNull(rig.Note().BusySince);
        rig.Pods.Change(0, p => p with { Protected = true });
        rig.GitHub.Put(Given.Acme, name, online: true);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        await rig.Reconcile();
        Assert.Null(rig.Note().BusySince);
        Assert.True(rig.Note().Seen!.Online);
    }

    [Fact]
    public async Task WhenGitHubDoesNotAnswerNothingIsConcluded()
    {
        await rig.Granted0();
        rig.GitHub.Answers = false;
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.Null(rig.Note().CheckedAt);
    }

    [Fact]
    public async Task AnEndedPodIsBuriedAndARegistrationThatHadNoJobIsAnOrphan()
    {
        var name = await rig.Granted0();
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Succeeded, Exit = new(0, "Completed", false, Given.Now) });
        await rig.Reconcile();
        Assert.Equal("delete 0", rig.Journal.Entries[^1]);
        var orphan = Assert.Single(rig.Orphans());
        Assert.Equal(name, orphan.RunnerName);
        rig.Pods.Remove(0);
        Assert.Empty(rig.Recorder.Exits);
        Assert.Equal(ReconcileResult.Done, await rig.Get<OrphanRemoval>().DeleteAsync(orphan, CancellationToken.None));
        Assert.Equal([OutcomeKind.NoJob], rig.Recorder.Exits);
        Assert.Single(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
    }

    [Fact]
    public async Task APodThatRanItsJobLeavesNoOrphanAndIsCountedOnce()
    {
        await rig.Granted0();
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Succeeded, Exit = new(0, "Completed", true, Given.Now) });
        await rig.Reconcile();
        rig.Pods.Remove(0);
        Assert.Empty(rig.Orphans());
        Assert.Equal([OutcomeKind.RanJob], rig.Recorder.Exits);
        Assert.Same(RunnerNote.None, rig.Note());
    }

    [Fact]
    public async Task AGrantedPodThatVanishesLeavesAnOrphanAndWakesItsPool()
    {
        var name = await rig.Granted0();
        ControlRig.Drain(rig.Get<Queues>().Pools);
        var id = rig.Note().RunnerId;
        rig.Pods.Remove(0);
        Assert.Equal([new Orphan(Given.Acme, name, id)], rig.Orphans());
        Assert.Equal([OutcomeKind.Lost], rig.Recorder.Exits);
        Assert.Equal([Given.Linux], ControlRig.Drain(rig.Get<Queues>().Pools));
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
    }

    [Fact]
    public void AStandbyThatVanishesLeavesNoOrphan()
    {
        rig.Pods.Put(Given.Pod(0));
        rig.Pods.Remove(0);
        Assert.Empty(rig.Orphans());
        Assert.Equal([OutcomeKind.Lost], rig.Recorder.Exits);
    }

    [Fact]
    public async Task ARunnerThatRanAJobWhileItWasBeingRemovedCountsAsHavingRunOne()
    {
        await Retiring();
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Succeeded, Exit = new(0, "Completed", true, Given.Now) });
        await rig.Reconcile();
        rig.Pods.Remove(0);
        Assert.Equal([OutcomeKind.RanJob], rig.Recorder.Exits);
        Assert.Empty(rig.Orphans());
    }

    [Fact]
    public async Task APodThatIsBeingDeletedIsNotDeletedAgainUnlessTheRequestFailed()
    {
        await Retiring();
        rig.Pods.OnDelete = () => DeleteResult.Unavailable;
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.Equal(OutcomeKind.Retired, rig.Note().Retiring);
        rig.Pods.OnDelete = null;
        rig.Pods.Lagging = true;
        await rig.Reconcile();
        await rig.Reconcile();
        Assert.Single(rig.Journal.Entries, "delete 0");
    }

    [Fact]
    public async Task AnOverdueJobIsReportedOnceAndLeftAlone()
    {
        var name = await rig.Granted0();
        rig.Queue(Given.Job(state: JobState.Running, runner: name));
        rig.Pods.Change(0, p => p with { Protected = true });
        rig.Time.Advance(TimeSpan.FromHours(6));
        await rig.Reconcile();
        await rig.Reconcile();
        Assert.Single(rig.Recorder.Events, e => e is (true, "JobOverdue", _));
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
    }

    [Fact]
    public async Task ABusyPodThatCannotBeProtectedIsTriedAgain()
    {
        // By a version that gave identities without protection.
        rig.Queue(Given.Job(state: JobState.Running, runner: await rig.Granted0()));
        rig.Pods.Change(0, p => p with { Protected = false });
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n => n with { Protected = false });
        rig.Pods.Protects = ProtectResult.Unavailable;
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        rig.Pods.Protects = ProtectResult.Protected;
        Assert.NotEqual(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.True(rig.Note().Protected);
    }

    [Fact]
    public async Task APodSaysWhichJobItHasAndSaysItOnce()
    {
        var job = Given.Job(state: JobState.Running, runner: await rig.Granted0());
        rig.Queue(job);
        ControlRig.Drain(rig.Get<Queues>().Runners);
        rig.Pass();
        Assert.Equal([new(Given.Linux, 0)], ControlRig.Drain(rig.Get<Queues>().Runners));
        Assert.Equal(Lifecycle.DescribeAfter, (await rig.Reconcile()).Delay);
        Assert.Null(rig.Note().DescribedJob);
        rig.Time.Advance(Lifecycle.DescribeAfter);
        rig.Pods.Describes = ProtectResult.Unavailable;
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        rig.Pods.Describes = ProtectResult.Protected;
        await rig.Reconcile();
        await rig.Reconcile();
        Assert.Equal(2, rig.Journal.Entries.Count(e => e == $"describe 0 {job.Id}"));
        Assert.Equal(job.Id, rig.Note().DescribedJob);
    }

    [Fact]
    public async Task APodThatMayNotBeDeletedIsTriedAgainAndItsRegistrationIsDeletedOnce()
    {
        var name = await Retiring();
        rig.Pods.OnDelete = () => DeleteResult.Refused(
            new(RefusalReason.Throttled, new("delete", "pods", "ci", "linux-0"), "no", TimeSpan.FromSeconds(40)));
        Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        var refused = await rig.Reconcile();
        Assert.Equal((OutcomeKind.Retired, false), (rig.Note().Retiring, rig.Note().Removed));
        Assert.Single(rig.Journal.Entries, $"deregister {name}");
        var queue = rig.Get<Queues>().Runners;
        ControlRig.Drain(queue);
        queue.Return(new(Given.Linux, 0), refused);
        rig.Time.Advance(TimeSpan.FromSeconds(39));
        Assert.Empty(ControlRig.Drain(queue));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(ControlRig.Drain(queue));
        rig.Pods.OnDelete = null;
        Assert.NotEqual(ReconcileNext.Retry, (await rig.Reconcile()).Next);
        Assert.Contains("delete 0", rig.Journal.Entries);
    }

    [Fact]
    public async Task AJobThatItsPodCouldNotWaitForIsToldAndCounted()
    {
        var name = await rig.Granted0();
        rig.Queue(Given.Job(7, state: JobState.Running, runner: name));
        rig.Pass();
        rig.Pods.Change(0, p => p with
        {
            Phase = PodPhase.Failed,
            Node = "n1",
            Exit = new(143, "Error", true, Given.Now) { Outcome = ExitOutcome.JobInterrupted },
        });
        await rig.Reconcile();
        rig.Pods.Remove(0);
        var (_, _, note) = Assert.Single(rig.Recorder.Events, e => e is (true, "JobInterrupted", _));
        Assert.StartsWith("Job 'job 7' of acme/app had not ended when its pod 'linux-0' on node 'n1' had to", note);
        Assert.Equal([Given.Linux], rig.Recorder.Interruptions);
    }

    [Fact]
    public async Task ASlotWithoutAPodNeedsNothing() => Assert.Equal(ReconcileResult.Done, await rig.Reconcile(5));

    private async Task<string> Retiring()
    {
        var name = await rig.Granted0();
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n => n with { Retiring = OutcomeKind.Retired });
        return name;
    }
}
