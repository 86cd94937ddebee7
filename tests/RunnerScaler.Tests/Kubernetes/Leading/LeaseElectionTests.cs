using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Kubernetes.Leading;

namespace RunnerScaler.Tests.Kubernetes.Leading;

public sealed class LeaseElectionTests
{
    private readonly FakeTimeProvider time = new();
    private readonly LeaseWorld world = new();

    [Fact]
    public void TheFirstOneMakesTheLeaseAndLeads()
    {
        var a = new Replica("a", world, time);
        Assert.True(a.Gate.IsOpen);
        Assert.Equal(("a", 15.0, 0), (world.Lease!.Holder, world.Lease.Duration.TotalSeconds, world.Lease.Transitions));
        Assert.Equal([false, true], a.Metrics.Leaderships);
    }

    [Fact]
    public void ALeaderRenewsWithOneRequestEachTime()
    {
        var a = new Replica("a", world, time);
        var before = a.Store.Requests;
        Pass(20);
        Assert.True(a.Gate.IsOpen);
        Assert.Equal(10, a.Store.Requests - before);
        Assert.Equal([true], a.Changes);
    }

    [Fact]
    public void AForeignLeaseKeepsOthersOutWhileItIsRenewed()
    {
        _ = new Replica("a", world, time);
        var b = new Replica("b", world, time);
        Pass(120);
        Assert.False(b.Gate.IsOpen);
        Assert.DoesNotContain("b", world.Holders);
    }

    [Fact]
    public async Task ACleanStopGivesTheLeaseBackAndTheNextOneNeedNotWait()
    {
        var a = new Replica("a", world, time);
        var b = new Replica("b", world, time);
        await a.StopAsync();
        Assert.False(a.Gate.IsOpen);
        Assert.Equal("", world.Lease!.Holder);
        Pass(5);
        Assert.True(b.Gate.IsOpen);
        Assert.Equal(1, world.Lease.Transitions);
    }

    [Fact]
    public void SingleFailuresDoNotEndLeadership()
    {
        var begun = time.GetTimestamp();
        Fate[] beats = [Fate.Fine, Fate.Refused, Fate.AnswerLost];
        var a = new Replica("a", world, time, () => beats[(int)(time.GetElapsedTime(begun).TotalSeconds / 2) % 3]);
        Pass(120);
        Assert.True(a.Gate.IsOpen);
        Assert.Equal([true], a.Changes);
    }

    [Theory]
    [InlineData(Fate.Refused)]
    [InlineData(Fate.Stuck)]
    public void WithoutRenewalTheGateClosesBeforeTheLeaseRunsOut(Fate trouble)
    {
        var fate = Fate.Fine;
        var a = new Replica("a", world, time, () => fate);
        fate = trouble;
        Pass(9.9);
        Assert.True(a.Gate.IsOpen);
        Pass(0.2);
        Assert.False(a.Gate.IsOpen);
        Pass(2);
        Assert.Equal([true, false], a.Changes);
    }

    [Fact]
    public void ALeaseThatNobodyRenewsIsTakenWhenItHasRunOut()
    {
        world.Create(new LeaseRecord("dead", TimeSpan.FromSeconds(15), time.GetUtcNow(), time.GetUtcNow(), 3, ""));
        var b = new Replica("b", world, time);
        Pass(15);
        Assert.False(b.Gate.IsOpen);
        Pass(5);
        Assert.True(b.Gate.IsOpen);
        Assert.Equal(4, world.Lease!.Transitions);
    }

    [Theory]
    [InlineData(-86_400)]
    [InlineData(86_400)]
    public void AForeignClockIsNotBelieved(int skew)
    {
        _ = new Replica("a", world, new SkewedTime(time, TimeSpan.FromSeconds(skew)));
        var b = new Replica("b", world, time);
        Pass(60);
        Assert.False(b.Gate.IsOpen);
    }

    [Fact]
    public void AForeignTakeoverIsSeenAtTheNextRenewal()
    {
        var a = new Replica("a", world, time);
        world.Update(world.Lease! with { Holder = "thief" });
        Pass(2);
        Assert.False(a.Gate.IsOpen);
        Assert.Equal([true, false], a.Changes);
        Assert.Equal([false, true, false], a.Metrics.Leaderships);
    }

    [Fact]
    public void ALostAnswerToTheCreationIsNoticed()
    {
        var fate = Fate.AnswerLost;
        var a = new Replica("a", world, time, () => fate);
        Assert.False(a.Gate.IsOpen);
        fate = Fate.Fine;
        Pass(5);
        Assert.True(a.Gate.IsOpen);
        Assert.Equal(0, world.Lease!.Transitions);
    }

    [Fact]
    public void ADeletedLeaseIsMadeAnew()
    {
        var a = new Replica("a", world, time);
        world.Lease = null;
        Pass(12);
        Assert.True(a.Gate.IsOpen);
        Assert.Equal("a", world.Lease!.Holder);
        Assert.Equal([true], a.Changes);
    }

    [Fact]
    public async Task AProcessThatDoesNotLeadGivesNothingBack()
    {
        _ = new Replica("a", world, time);
        var b = new Replica("b", world, time);
        Pass(10);
        await b.StopAsync();
        Assert.Equal("a", world.Lease!.Holder);
    }

    [Fact]
    public void AGateIsNotOpenedByAnAnswerThatCameTooLate()
    {
        var late = new LateStore(world, time, TimeSpan.FromSeconds(4.9));
        var gate = new RunnerScaler.Control.Work.LeaderGate(time);
        var election = new LeaseElection(
            "a",
            late,
            gate,
            LeaseTimes.Default,
            new RecordedClusterMetrics(),
            new RunnerScaler.Control.Work.Heartbeats(time),
            new Random(1),
            time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<LeaseElection>.Instance);
        _ = Replica.RunInline(() => election.RunAsync(CancellationToken.None));
        Assert.True(gate.IsOpen);
        // Held from before the request was sent: 4.9 s of the ten are over.
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.True(gate.IsOpen);
        time.Advance(TimeSpan.FromSeconds(3.3));
        Assert.False(gate.IsOpen);
    }

    private void Pass(double seconds)
    {
        for (var passed = 0.0; passed < seconds - 0.001; passed += 0.1)
            time.Advance(TimeSpan.FromSeconds(0.1));
    }

    /// <summary>Time passes while the first request is under way; the others never come back.</summary>
    private sealed class LateStore(LeaseWorld world, FakeTimeProvider time, TimeSpan delay) : ILeaseStore
    {
        public Task<LeaseAnswer> GetAsync(CancellationToken cancel) => Task.FromResult(world.Get());

        public Task<LeaseAnswer> CreateAsync(LeaseRecord record, CancellationToken cancel)
        {
            var answer = world.Create(record);
            time.Advance(delay);
            return Task.FromResult(answer);
        }

        public Task<LeaseAnswer> UpdateAsync(LeaseRecord record, CancellationToken cancel) =>
            Task.FromResult<LeaseAnswer>(new LeaseAnswer.Unavailable("never"));
    }
}
