using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Tests.Control;

public sealed class WorkQueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider time = new();
    private readonly WorkQueue<int> queue;

    public WorkQueueTests() => queue = new(time);

    [Fact]
    public async Task KeysAreTakenInOrderAndEachOnce()
    {
        foreach (var key in new[] { 1, 2, 1, 3, 2 })
            queue.Add(key);
        Assert.Equal([1, 2, 3, null], [await Take(), await Take(), await Take(), await Take()]);
    }

    [Fact]
    public async Task AKeyThatIsAddedWhileItIsWorkedOnIsTakenAgainAfterwards()
    {
        queue.Add(1);
        await Take();
        queue.Add(1);
        queue.Add(1);
        Assert.Null(await Take());
        queue.Return(1, ReconcileResult.Done);
        Assert.Equal(1, await Take());
        queue.Return(1, ReconcileResult.Done);
        Assert.Null(await Take());
    }

    [Fact]
    public async Task OfSeveralDelaysTheEarliestCountsAndRingsOnce()
    {
        queue.AddAfter(1, 5 * Second);
        queue.AddAfter(1, 2 * Second);
        queue.AddAfter(1, 9 * Second);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Null(await Take());
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, await Take());
        queue.Return(1, ReconcileResult.Done);
        time.Advance(20 * Second);
        Assert.Null(await Take());
    }

    [Theory]
    [InlineData(null, 1440)]
    [InlineData(60, 60)]
    public async Task WhatFailsForLongIsLookedAtEverMoreRarely(int? longestMinutes, int most)
    {
        var failing = new WorkQueue<int>(
            time, longestMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null);
        var tries = new List<int>();
        failing.Add(1);
        for (var second = 0; second < 24 * 60 * 60; second++)
        {
            if ((await failing.TakeAsync(TimeSpan.Zero, TestContext.Current.CancellationToken)).Taken)
            {
                tries.Add(second);
                failing.Return(1, ReconcileResult.Retry());
            }
            time.Advance(Second);
        }
        Assert.InRange(tries.Count, most == 60 ? 30 : 1000, most == 60 ? 80 : 1500);
        Assert.InRange(tries.Count(t => t < 600), 12, 20);
    }

    [Fact]
    public async Task ADelayThatIsOverIsNone()
    {
        queue.AddAfter(1, TimeSpan.Zero);
        queue.AddAfter(2, -Second);
        Assert.Equal([1, 2], [await Take(), await Take()]);
    }

    [Fact]
    public async Task ThePauseDoublesWithEachFailureUpToAMinuteAndStartsAfreshAfterASuccess()
    {
        double[] pauses = [0.5, 1, 2, 4, 8, 16, 32, 60, 60];
        foreach (var pause in pauses)
        {
            queue.Return(1, ReconcileResult.Retry());
            time.Advance(TimeSpan.FromSeconds(pause - 0.001));
            Assert.Null(await Take());
            time.Advance(TimeSpan.FromSeconds(0.001));
            Assert.Equal(1, await Take());
        }
        queue.Return(1, ReconcileResult.Done);
        queue.Return(1, ReconcileResult.Retry());
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(1, await Take());
    }

    [Fact]
    public async Task WhatComesOfALookSaysWhenTheNextIs()
    {
        queue.Return(1, ReconcileResult.After(TimeSpan.Zero));
        Assert.Equal(1, await Take());
        queue.Return(1, ReconcileResult.After(3 * Second));
        queue.Return(2, ReconcileResult.Retry(atLeast: 5 * Second));
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Null(await Take());
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, await Take());
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Null(await Take());
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(2, await Take());
    }

    [Fact]
    public async Task AnOfferDoesNotCutThePauseAfterAFailureShortButAnAdditionDoes()
    {
        queue.Return(1, ReconcileResult.Retry());
        queue.AddUnlessBackingOff(1);
        Assert.Null(await Take());
        queue.AddUnlessBackingOff(2);
        queue.Add(1);
        Assert.Equal([2, 1], [await Take(), await Take()]);
    }

    [Fact]
    public async Task AnOfferIsTakenOnceThePauseIsOver()
    {
        queue.Return(1, ReconcileResult.Retry());
        time.Advance(Second);
        Assert.Equal(1, await Take());
        queue.Return(1, ReconcileResult.Done);
        queue.AddUnlessBackingOff(1);
        Assert.Equal(1, await Take());
    }

    [Fact]
    public async Task ATakerWaitsForTheNextKey()
    {
        var taken = TakeWithin(10 * Second);
        Assert.False(taken.IsCompleted);
        queue.Add(7);
        Assert.Equal((true, 7), await Real(taken));
    }

    [Fact]
    public async Task ATakerGivesUpWhenItsTimeIsOver()
    {
        var taken = TakeWithin(10 * Second);
        time.Advance(10 * Second);
        Assert.False((await Real(taken)).Taken);
    }

    [Fact]
    public async Task ATakerThatIsCancelledLeavesTheKeyToAnother()
    {
        using var stop = new CancellationTokenSource();
        var leaving = queue.TakeAsync(Second, stop.Token);
        var staying = TakeWithin(10 * Second);
        stop.Cancel();
        queue.Add(7);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal((true, 7), await Real(staying));
    }

    [Fact]
    public async Task NoTwoEverWorkOnOneKeyAndNoAdditionIsLost() =>
        await Gen.Select(Gen.Int[0, 3].Array[1, 40], Gen.Int[1, 6]).SampleAsync(async (keys, workers) =>
        {
            var busy = new int[4];
            var (added, seen) = (new int[4], new int[4]);
            var work = new WorkQueue<int>(time);
            using var stop = new CancellationTokenSource();
            var loops = Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)).ToArray();
            foreach (var key in keys)
            {
                Interlocked.Increment(ref added[key]);
                work.Add(key);
                await Task.Yield();
            }
            await Real(Task.Run(async () =>
            {
                while (Enumerable.Range(0, 4).Any(k => Volatile.Read(ref seen[k]) != Volatile.Read(ref added[k])))
                    await Task.Yield();
                return true;
            }));
            stop.Cancel();
            await Task.WhenAll(loops.Select(l => l.ContinueWith(_ => { }, TaskScheduler.Default)));

            async Task WorkAsync()
            {
                while (true)
                {
                    var (taken, key) = await work.TakeAsync(TimeSpan.FromHours(1), stop.Token);
                    if (!taken)
                        continue;
                    Assert.Equal(1, Interlocked.Increment(ref busy[key]));
                    Volatile.Write(ref seen[key], Volatile.Read(ref added[key]));
                    await Task.Yield();
                    Interlocked.Decrement(ref busy[key]);
                    work.Return(key, ReconcileResult.Done);
                }
            }
        }, iter: 200, threads: 1);

    [Fact]
    public void EveryKeyThatIsReadyIsTakenByOneOfTheWaitingTakersWhateverHappensBetween() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Array[1, 40].Sample(steps =>
        {
            var clock = new FakeTimeProvider();
            var model = new WorkQueue<int>(clock);
            var (expected, got) = (new HashSet<int>(), new List<int>());
            var takers = new List<Task<(bool Taken, int Key)>>();
            foreach (var (step, key) in steps)
            {
                if (step <= 1)
                {
                    model.Add(key);
                    expected.Add(key);
                }
                else if (step == 2)
                {
                    model.AddAfter(key, Second);
                    expected.Add(key);
                }
                else if (step == 3)
                    takers.Add(model.TakeAsync(TimeSpan.FromSeconds(3), CancellationToken.None));
                else
                    clock.Advance(Second);
            }
            clock.Advance(Second);
            clock.Advance(TimeSpan.FromSeconds(4));
            foreach (var taker in takers)
                if (taker.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult() is (true, var key))
                {
                    got.Add(key);
                    model.Return(key, ReconcileResult.Done);
                }
            got.AddRange(Fakes.ControlRig.Drain(model));
            Assert.Equal(expected.Order(), got.Distinct().Order());
        }, threads: 1);

    private Task<(bool Taken, int Key)> TakeWithin(TimeSpan atMost) =>
        queue.TakeAsync(atMost, TestContext.Current.CancellationToken);

    private async Task<int?> Take() => await Real(TakeWithin(TimeSpan.Zero)) is (true, var key) ? key : null;

    private static Task<T> Real<T>(Task<T> task) =>
        task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
