using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class JobBoardStoreTests
{
    private readonly Recorder recorder = new();
    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly PhaseTimings clock;
    private readonly JobBoardStore board;
    private readonly List<AccountKey> changes = [];

    private static (RunnerPhase, double)[] Shown =>
        [(RunnerPhase.Schedule, 10), (RunnerPhase.Start, 9), (RunnerPhase.Claim, 41)];

    public JobBoardStoreTests()
    {
        clock = new(recorder, new(time), time);
        board = new(clock, new EndedRunners());
        board.Changed += changes.Add;
    }

    [Fact]
    public void AReadingThatShowsNothingNewWakesNobody()
    {
        Read(0, Given.Job(state: JobState.Running));
        Read(1, Given.Job(state: JobState.Running));
        Assert.Single(changes);
        Read(2, Given.Job(state: JobState.Completed));
        Assert.Equal(2, changes.Count);
    }

    [Fact]
    public void AJobThatIsStillQueuedIsNews()
    {
        Read(0, Given.Job());
        Read(1, Given.Job());
        Assert.Equal(2, changes.Count);
    }

    [Fact]
    public void AReadingAfterAFaultIsNews()
    {
        Read(0);
        board.Observe(new JobObservation.RepositoryUnread(
            Given.Account, Given.Repository(), Given.Problem(ProblemReason.Unreachable), Given.Now));
        Read(1);
        Assert.Equal(3, changes.Count);
    }

    [Fact]
    public void TheDemandIsComputedOnceForEachBoardAndSetOfPools()
    {
        var pools = new FakePools();
        pools.Put(Given.Pool());
        Read(0, Given.Job());
        var first = board.Share(pools.Pools);
        Assert.Same(first.Demand, board.Share(pools.Pools).Demand);
        Assert.Single(first.Demand.Of(Given.Linux).Queued);
        pools.Put(Given.Pool(labels: "other"));
        Assert.Empty(board.Share(pools.Pools).Demand.Of(Given.Linux).Queued);
        Read(1);
        Assert.NotSame(first.Board, board.Share(pools.Pools).Board);
    }

    [Fact]
    public void APhaseOfALifeIsMeasuredOnce()
    {
        var name = Given.RunnerName(0);
        var begun = clock.Begin();
        time.Advance(TimeSpan.FromSeconds(2));
        clock.Registered(Given.Linux, name, begun, null, Given.Now);
        var running = Given.Job(state: JobState.Running, runner: name) with { StartedAt = Given.Now.AddSeconds(5) };
        Read(10, running);
        Read(20, running);
        Read(30, running with { State = JobState.Completed, CompletedAt = Given.Now.AddSeconds(29) });
        Read(40, running with { State = JobState.Completed, CompletedAt = Given.Now.AddSeconds(29) });
        Assert.Equal([TimeSpan.FromSeconds(65)], recorder.Waits);
        Assert.Equal(
            [(RunnerPhase.Register, 2), (RunnerPhase.Detect, 70), (RunnerPhase.Assign, 5), (RunnerPhase.Job, 24)],
            recorder.Phases.Select(p => (p.Phase, p.Time.TotalSeconds)));
    }

    [Theory]
    [InlineData(-61, true)]
    [InlineData(-59, false)]
    [InlineData(null, false)]
    public void APodThatWasReadyBeforeItsJobWasQueuedStoodBy(int? claimed, bool standby)
    {
        var name = Given.RunnerName(0);
        DateTimeOffset? claimedAt = claimed is { } seconds ? Given.Now.AddSeconds(seconds) : null;
        clock.Registered(Given.Linux, name, clock.Begin(), claimedAt, Given.Now);
        Read(10, Given.Job(state: JobState.Running, runner: name) with { StartedAt = Given.Now.AddSeconds(5) });
        Assert.Equal([standby], recorder.StandbyHits);
    }

    [Fact]
    public void NoPhaseIsShorterThanNothing()
    {
        clock.Registered(Given.Linux, Given.RunnerName(0), clock.Begin(), null, Given.Now);
        Read(0, Given.Job(state: JobState.Running, runner: Given.RunnerName(0), age: TimeSpan.FromSeconds(-90)));
        Assert.All(recorder.Phases, p => Assert.True(p.Time >= TimeSpan.Zero));
        Assert.Equal([TimeSpan.Zero], recorder.Waits);
    }

    [Fact]
    public void AClaimShowsHowLongThePodTookToCome()
    {
        clock.Claimed(Given.Pod(0), Given.Now);
        Assert.Equal(Shown, recorder.Phases.Select(p => (p.Phase, p.Time.TotalSeconds)));
    }

    [Fact]
    public void APodThatClaimsBeforeItsKubeletSaysThatItRunsIsTimedAsAnyOther()
    {
        var pod = Given.Pod(0);
        clock.Claimed(pod with { ScheduledAt = null, StartedAt = null, Seen = new(Given.Now) }, Given.Now);
        clock.Saw(pod with { StartedAt = null });
        Assert.Empty(recorder.Phases);
        clock.Saw(pod);
        clock.Saw(pod);
        Assert.Equal(Shown, recorder.Phases.Select(p => (p.Phase, p.Time.TotalSeconds)));
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public void TheClockOfTheNodeDoesNotMatter(int minutesAhead)
    {
        var (pod, off) = (Given.Pod(0), TimeSpan.FromMinutes(minutesAhead));
        clock.Claimed(pod with { AcceptedAt = pod.AcceptedAt + off, StartedAt = pod.StartedAt + off }, Given.Now);
        Assert.Equal(Shown, recorder.Phases.Select(p => (p.Phase, p.Time.TotalSeconds)));
    }

    [Fact]
    public void AClaimOfAPodThatRanBeforeThisProcessSawItIsNotTakenForItsFirst()
    {
        clock.Claimed(Given.Pod(0) with { Seen = new(Given.Now) }, Given.Now);
        Assert.Equal([RunnerPhase.Schedule], recorder.Phases.Select(p => p.Phase));
    }

    [Fact]
    public void AClaimOfAPodThatIsGoneIsForgotten()
    {
        clock.Claimed(Given.Pod(0) with { StartedAt = null }, Given.Now);
        clock.Gone(Given.Pod(0));
        clock.Saw(Given.Pod(0));
        Assert.Empty(recorder.Phases);
    }

    private void Read(int second, params Job[] jobs) => board.Observe(
        new JobObservation.RepositoryRead(Given.Account, Given.Repository(), [.. jobs], Given.Now.AddSeconds(second)));
}
