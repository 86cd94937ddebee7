using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class PoolReconcilerTests : IDisposable
{
    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void EachJobGetsAPodAndNoPassRepeatsIt()
    {
        rig.Queue(Given.Jobs(3));
        rig.Pass();
        rig.Pass();
        Assert.Equal(["create 0", "create 1", "create 2"], rig.Journal.Entries);
        Assert.All(rig.Pods.Purposes.Values, purpose => Assert.Equal(PodPurpose.QueuedJob, purpose));
    }

    [Fact]
    public void ACreationThatTheWatchHasNotShownIsNotRepeated()
    {
        rig.Pods.Lagging = true;
        rig.Queue(Given.Jobs(3));
        rig.Pass();
        rig.Pass();
        Assert.Equal(["create 0", "create 1", "create 2"], rig.Journal.Entries);
    }

    [Fact]
    public void ACreationWithoutAClearAnswerKeepsItsSlotAndIsAskedForAgainSoon()
    {
        rig.Pods.OnCreate = () => new CreateResult.Unavailable("timeout");
        rig.Queue(Given.Jobs(2));
        rig.Pass();
        rig.Time.Advance(SlotPauses.First - TimeSpan.FromTicks(1));
        rig.Pass();
        Assert.Equal(["create 0", "create 1"], rig.Journal.Entries);
        rig.Pods.OnCreate = null;
        Assert.Equal([Given.Linux], DueAfter(TimeSpan.FromTicks(1)));
        Assert.Equal(2, rig.Get<PendingWrites>().Of(Given.Linux).Count);
        rig.Pass();
        Assert.Equal(["create 0", "create 1"], rig.Journal.Entries[2..]);
        Assert.NotNull(rig.Pods.InCluster(1));
    }

    [Fact]
    public void OneAnswerThatAWebhookCannotBeAskedCostsAJobHalfASecond()
    {
        rig.Pods.OnCreate = () => new CreateResult.NotNow("failed calling webhook");
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        rig.Pods.OnCreate = null;
        rig.Pass();
        Assert.Equal(["create 0"], rig.Journal.Entries);
        Assert.Empty(rig.Get<PendingWrites>().Of(Given.Linux));
        Assert.Equal([Given.Linux], DueAfter(SlotPauses.First));
        rig.Pass();
        Assert.Equal(["create 0", "create 0"], rig.Journal.Entries);
        Assert.NotNull(rig.Pods.InCluster(0));
    }

    [Fact]
    public void APauseThatTheServerAsksForIsKept()
    {
        rig.Pods.OnCreate = () => new CreateResult.NotNow("too many requests", TimeSpan.FromSeconds(20));
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        rig.Pods.OnCreate = null;
        rig.Time.Advance(TimeSpan.FromSeconds(19));
        rig.Pass();
        Assert.Single(rig.Journal.Entries);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Pass();
        Assert.Equal(["create 0", "create 0"], rig.Journal.Entries);
    }

    [Fact]
    public void ASlotThatIsRefusedDoesNotHoldTheOthersUp()
    {
        rig.Pods.OnCreateOf = slot =>
            slot == 0 ? new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused)) : null;
        rig.Queue(Given.Jobs(1));
        for (var pass = 0; pass < 5; pass++)
        {
            rig.Pass();
            rig.Time.Advance(TimeSpan.FromSeconds(2));
        }
        Assert.NotNull(rig.Pods.InCluster(1));
        Assert.InRange(rig.Journal.Entries.Count(e => e == "create 0"), 3, 4);
    }

    [Fact]
    public void AThousandSlotsAreNotTriedForOneJobThatIsRefused()
    {
        rig.Pools.Put(Given.Pool(max: 1000));
        rig.Pods.OnCreate = () => new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused));
        rig.Queue(Given.Jobs(1));
        for (var pass = 0; pass < 600; pass++)
        {
            rig.Pass();
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(4, rig.Journal.Entries.Distinct().Count());
        Assert.InRange(rig.Journal.Entries.Length, 20, 110);
    }

    [Fact]
    public async Task AWriteThatWaitsForItsTurnIsNotBegunAgain()
    {
        using var turn = new SemaphoreSlim(0);
        rig.Pods.BeforeCreate = () => turn.WaitAsync();
        rig.Pools.Put(Given.Pool(max: 100));
        rig.Queue(Given.Jobs(100));
        for (var pass = 0; pass < 5; pass++)
        {
            rig.Pass();
            rig.Time.Advance(PendingWrites.Patience * 2);
        }
        turn.Release(1000);
        await ControlRig.Within(rig.Get<WriteBounds>().WhenIdleAsync().ContinueWith(t => t.IsCompletedSuccessfully));
        Assert.Equal(100, rig.Journal.Entries.Length);
        Assert.Equal(100, rig.Journal.Entries.Distinct().Count());
    }

    [Fact]
    public void APodThatExistsUnseenTakesItsSlotAndAfterAWhileNoLongerServesAJob()
    {
        rig.Pods.OnCreate = () => new CreateResult.AlreadyExists();
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        rig.Time.Advance(PendingWrites.WatchLag);
        rig.Pass();
        Assert.Equal(["create 0"], rig.Journal.Entries);
        rig.Pods.OnCreate = null;
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Pass();
        Assert.Equal(["create 0", "create 1"], rig.Journal.Entries);
    }

    [Fact]
    public void ASlotWithSomebodyElsesPodIsLeftOutAtOnce()
    {
        rig.Pods.OnCreate = () => new CreateResult.Foreign(Given.Problem(ProblemReason.PodRefused));
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        rig.Pods.OnCreate = null;
        rig.Pass();
        Assert.Equal(["create 0", "create 1"], rig.Journal.Entries);
        Assert.Contains((true, "PodRefused", "It is PodRefused."), rig.Recorder.Events);
    }

    [Fact]
    public void ARefusedPodFreesItsSlotIsToldAndTriedAgain()
    {
        rig.Pods.OnCreate = () => new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused));
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        Assert.Contains((true, "PodRefused", "It is PodRefused."), rig.Recorder.Events);
        Assert.Empty(rig.Get<PendingWrites>().Of(Given.Linux));
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
        Assert.Equal([Given.Linux], DueAfter(SlotPauses.First));
    }

    [Fact]
    public void PodsThatAreRefusedAgainAndAgainAreMadeAfterAPause()
    {
        rig.Pods.OnCreate = () => new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused));
        rig.Queue(Given.Jobs(1));
        foreach (var pause in (double[])[0.5, 1])
        {
            rig.Pass();
            rig.Time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromTicks(1));
            var before = rig.Journal.Entries.Length;
            rig.Pass();
            Assert.Equal(before, rig.Journal.Entries.Length);
            rig.Time.Advance(TimeSpan.FromTicks(1));
        }
        rig.Pass();
        Assert.Equal(["create 0", "create 0", "create 0"], rig.Journal.Entries);
    }

    [Fact]
    public void AChangedSpecStartsAfresh()
    {
        rig.Pods.OnCreate = () => new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused));
        rig.Queue(Given.Jobs(1));
        for (var pass = 0; pass < 6; pass++)
            rig.Pass();
        rig.Pods.OnCreate = null;
        rig.Pools.Put(Given.Pool(), generation: 2);
        rig.Pass();
        Assert.NotNull(rig.Pods.InCluster(0));
        Assert.Null(rig.Get<PoolHistory>().PauseOf(Given.Linux));
    }

    [Fact]
    public void WithoutLeadershipNothingIsWrittenAndNoSlotStaysTaken()
    {
        rig.Pods.OnCreate = () => throw new LeadershipLostException();
        rig.Queue(Given.Jobs(2));
        rig.Pass();
        Assert.Null(rig.Pods.InCluster(0));
        Assert.Empty(rig.Get<PendingWrites>().Of(Given.Linux));
    }

    [Fact]
    public void AnUnexpectedFailureIsLoggedAndKeepsTheSlot()
    {
        rig.Pods.OnCreate = () => throw new InvalidOperationException("unexpected");
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        Assert.Single(rig.Get<PendingWrites>().Of(Given.Linux));
        Assert.Contains(rig.Logs.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public void APodThatEndsWithoutAJobIsReplacedInTheNextPass()
    {
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Failed, Exit = new(1, "Error", null, Given.Now) });
        rig.Pass();
        Assert.Equal(["create 0", "create 1"], rig.Journal.Entries);
        Assert.Contains(new RunnerKey(Given.Linux, 0), ControlRig.Drain(rig.Get<Queues>().Runners));
    }

    [Fact]
    public void ABrokenSpecIsReportedAndNothingIsDone()
    {
        rig.Queue(Given.Jobs(2));
        rig.Pools.Put(new PoolObject(Given.Linux, 5, null, Given.Problem(ProblemReason.SpecInvalid)));
        Assert.Equal(ReconcileResult.After(new ControlOptions().Resync), rig.Pass());
        Assert.Empty(rig.Journal.Entries);
        Assert.Contains((true, "SpecInvalid", "It is SpecInvalid."), rig.Recorder.Events);
    }

    [Fact]
    public void APoolThatIsGoneIsForgotten()
    {
        rig.Pass();
        rig.Pools.Remove(Given.Linux);
        Assert.Equal(ReconcileResult.Done, rig.Pass());
        Assert.Equal([Given.Linux], rig.Recorder.Forgotten);
    }

    [Fact]
    public void TheNextLookIsAtTheNextChangeOrAtTheResync()
    {
        Assert.Equal(ReconcileResult.After(new ControlOptions().Resync), rig.Pass());
        rig.Pools.Put(Given.Pool().Warm(standby: 1) with
        {
            Warm = new(0, 0, [new([], new(12, 0, 7), new(13, 0), TimeZoneInfo.Utc, 1)]),
        });
        Assert.Equal(ReconcileResult.After(TimeSpan.FromSeconds(7)), rig.Pass());
    }

    private PoolKey[] DueAfter(TimeSpan time)
    {
        ControlRig.Drain(rig.Get<Queues>().Pools);
        rig.Time.Advance(time);
        return ControlRig.Drain(rig.Get<Queues>().Pools);
    }

    [Fact]
    public void ASurplusStandbyIsSentToItsEnd()
    {
        rig.Pods.Put(Given.Pod(0));
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n =>
            n with { ClaimedAt = Given.Now.AddMinutes(-6), Waiting = true });
        rig.Pass();
        Assert.Equal(OutcomeKind.Retired, rig.Note().Retiring);
        Assert.Contains(new RunnerKey(Given.Linux, 0), ControlRig.Drain(rig.Get<Queues>().Runners));
    }
}
