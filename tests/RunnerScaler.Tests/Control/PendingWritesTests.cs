using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class PendingWritesTests
{
    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly PendingWrites pending;

    public PendingWritesTests() => pending = new(time);

    [Fact]
    public void ASlotThatIsAskedForIsTakenUntilTheWatchShowsItsPod()
    {
        pending.Expect(Given.Linux, 3);
        Assert.Equal([new PendingCreate(Given.Linux, 3, Given.Now, false)], pending.Of(Given.Linux));
        pending.Created(Given.Linux, 3, "a");
        Assert.Single(pending.Of(Given.Linux));
        pending.Observed(Given.Linux, 3, "a");
        Assert.Empty(pending.Of(Given.Linux));
    }

    [Fact]
    public void ThePodThatWasInTheSlotBeforeIsNotTheOneThatIsAwaited()
    {
        pending.Expect(Given.Linux, 3);
        pending.Created(Given.Linux, 3, "new");
        pending.Observed(Given.Linux, 3, "old");
        Assert.Single(pending.Of(Given.Linux));
    }

    [Fact]
    public void TheWatchMayBeFasterThanTheAnswer()
    {
        pending.Expect(Given.Linux, 3);
        pending.Observed(Given.Linux, 3, "a");
        pending.Created(Given.Linux, 3, "a");
        Assert.Empty(pending.Of(Given.Linux));
    }

    [Fact]
    public void ASlotOfWhichItIsCertainThatThereIsNoneIsFree()
    {
        pending.Expect(Given.Linux, 3);
        pending.Failed(Given.Linux, 3);
        Assert.Empty(pending.Of(Given.Linux));
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void APodThatExistsButIsNotShownIsHiddenAfterAWhile(int seconds, bool hidden)
    {
        pending.Expect(Given.Linux, 3);
        pending.AlreadyExists(Given.Linux, 3);
        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(hidden, Assert.Single(pending.Of(Given.Linux)).Hidden);
    }

    [Fact]
    public void WhatWaitsForItsTurnOrItsAnswerIsNeverForgotten()
    {
        pending.Expect(Given.Linux, 3);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Single(pending.Of(Given.Linux));
        Assert.Empty(pending.TakeDue(Given.Linux, 10));
    }

    [Fact]
    public void WhatIsUnknownKeepsItsSlotAndIsDueOnce()
    {
        pending.Expect(Given.Linux, 3);
        pending.Unknown(Given.Linux, 3, Given.Now.AddSeconds(1));
        Assert.Empty(pending.TakeDue(Given.Linux, 10));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(pending.TakeDue(Given.Linux, 3));
        Assert.Equal([3], pending.TakeDue(Given.Linux, 10));
        Assert.Empty(pending.TakeDue(Given.Linux, 10));
        Assert.Single(pending.Of(Given.Linux));
    }

    [Fact]
    public void AMinuteAfterItsAnswerItIsTriedAgain()
    {
        pending.Expect(Given.Linux, 3);
        time.Advance(PendingWrites.Patience);
        pending.Created(Given.Linux, 3, "a");
        time.Advance(PendingWrites.Patience - TimeSpan.FromTicks(1));
        Assert.Single(pending.Of(Given.Linux));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(pending.Of(Given.Linux));
    }

    [Fact]
    public void PoolsDoNotTakeEachOthersSlots()
    {
        pending.Expect(Given.Linux, 0);
        pending.Expect(new("ci", "gpu"), 1);
        Assert.Equal([0], pending.Of(Given.Linux).Select(p => p.Slot));
    }

    [Fact]
    public void ASlotIsNeverFreeBetweenTheRequestAndTheFirstSight() =>
        Gen.Int[0, 4].Array[0, 20].Sample(steps =>
        {
            var writes = new PendingWrites(new FakeTimeProvider(Given.Now));
            writes.Expect(Given.Linux, 0);
            foreach (var step in steps)
            {
                if (step == 0)
                    writes.Created(Given.Linux, 0, "a");
                else if (step == 1)
                    writes.AlreadyExists(Given.Linux, 0);
                else if (step == 2)
                    writes.Observed(Given.Linux, 1, "a");
                else if (step == 3)
                    writes.Failed(new("ci", "gpu"), 0);
                Assert.Single(writes.Of(Given.Linux));
            }
        });
}
