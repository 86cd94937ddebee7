using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class LeaderGateTests
{
    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly LeaderGate gate;
    private readonly List<bool> changes = [];

    public LeaderGateTests()
    {
        gate = new(time);
        gate.Changed += changes.Add;
    }

    [Fact]
    public void ItIsClosedUntilItIsHeld()
    {
        Assert.False(gate.IsOpen);
        Assert.Throws<LeadershipLostException>(gate.ThrowIfClosed);
        Hold();
        Assert.True(gate.IsOpen);
        gate.ThrowIfClosed();
        Assert.Equal([true], changes);
        Assert.Equal(Given.Now, gate.OpenSince);
    }

    [Fact]
    public void ItClosesByItselfWhenItsTimeIsOver()
    {
        Hold();
        time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.True(gate.IsOpen);
        time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.False(gate.IsOpen);
        Assert.Throws<LeadershipLostException>(gate.ThrowIfClosed);
    }

    [Fact]
    public void ItsTimeRunsFromBeforeTheRenewalWasSent()
    {
        var sent = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(4));
        gate.Hold(sent, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(gate.IsOpen);
    }

    [Fact]
    public void AnAnswerThatComesTooLateDoesNotOpenIt()
    {
        var sent = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(10));
        gate.Hold(sent, TimeSpan.FromSeconds(10));
        Assert.False(gate.IsOpen);
        Assert.DoesNotContain(true, changes);
    }

    [Fact]
    public void ARenewalKeepsItOpenAndTellsNobody()
    {
        Hold();
        time.Advance(TimeSpan.FromSeconds(5));
        Hold();
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(gate.IsOpen);
        Assert.Equal([true], changes);
        Assert.Equal(Given.Now, gate.OpenSince);
    }

    [Fact]
    public void TheWallClockDoesNotMatter()
    {
        var clock = new MovedClock(time);
        var moved = new LeaderGate(clock);
        moved.Hold(clock.GetTimestamp(), TimeSpan.FromSeconds(10));
        clock.Offset = TimeSpan.FromDays(400);
        Assert.True(moved.IsOpen);
        clock.Offset = TimeSpan.FromDays(-400);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(moved.IsOpen);
    }

    [Fact]
    public void ClosingTellsOnce()
    {
        Hold();
        gate.Close();
        gate.Close();
        Assert.Equal([true, false], changes);
    }

    [Fact]
    public void AGateThatClosedByItselfOpensAnew()
    {
        Hold();
        time.Advance(TimeSpan.FromSeconds(30));
        Hold();
        Assert.True(gate.IsOpen);
        Assert.Equal([true, false, true], changes);
        Assert.Equal(time.GetUtcNow(), gate.OpenSince);
    }

    private void Hold() => gate.Hold(time.GetTimestamp(), TimeSpan.FromSeconds(10));

    /// <summary>A clock whose wall time is set, and whose monotonic time is not.</summary>
    private sealed class MovedClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;

        public override long GetTimestamp() => inner.GetTimestamp();
    }
}
