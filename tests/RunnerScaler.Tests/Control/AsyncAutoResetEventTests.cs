using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Tests.Control;

public sealed class AsyncAutoResetEventTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider time = new();
    private readonly AsyncAutoResetEvent signal;

    public AsyncAutoResetEventTests() => signal = new(time);

    [Fact]
    public async Task AFlagThatWasSetBeforeIsSeenOnce()
    {
        signal.Set();
        signal.Set();
        Assert.True(await Wait());
        var second = Wait();
        Assert.False(second.IsCompleted);
        time.Advance(Second);
        Assert.False(await second);
    }

    [Fact]
    public async Task AFlagThatIsSetWhileOneWaitsWakesIt()
    {
        var waiting = Wait();
        signal.Set();
        Assert.True(await waiting);
    }

    [Fact]
    public async Task CancellationThrowsAndKeepsTheFlag()
    {
        using var stop = new CancellationTokenSource();
        var waiting = signal.WaitAsync(Second, stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        signal.Set();
        Assert.True(await Wait());
    }

    [Fact]
    public void NoSettingIsLostWhateverTheOrder() =>
        Gen.Int[0, 2].Array[1, 30].Sample(steps =>
        {
            var clock = new FakeTimeProvider();
            var flag = new AsyncAutoResetEvent(clock);
            var isSet = false;
            foreach (var step in steps)
            {
                if (step == 0)
                    flag.Set();
                isSet |= step == 0;
                if (step != 2)
                    continue;
                var waiting = flag.WaitAsync(Second, CancellationToken.None);
                clock.Advance(Second);
                Assert.Equal(isSet, waiting.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult());
                isSet = false;
            }
        }, threads: 1);

    private Task<bool> Wait() => signal.WaitAsync(Second, TestContext.Current.CancellationToken);
}
