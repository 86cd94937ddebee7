using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Tests.Control;

public sealed class BoundedWritesTests : IDisposable
{
    private readonly BoundedWrites lane = new(2, NullLogger<BoundedWrites>.Instance);

    public void Dispose() => lane.Dispose();

    [Fact]
    public async Task NoMoreWritesRunThanThereArePlaces()
    {
        var (running, most) = (0, 0);
        var go = new TaskCompletionSource();
        for (var write = 0; write < 6; write++)
            lane.Start(async () =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await go.Task;
                Interlocked.Decrement(ref running);
            });
        Assert.Equal(2, Volatile.Read(ref running));
        go.SetResult();
        await Idle();
        Assert.Equal((0, 2), (running, most));
    }

    [Fact]
    public async Task AWriteThatFailsGivesItsPlaceBack()
    {
        var written = 0;
        Exception[] failures = [new LeadershipLostException(), new OperationCanceledException(), new IOException()];
        foreach (var failure in failures)
            lane.Start(() => Task.FromException(failure));
        lane.Start(() =>
        {
            written++;
            return Task.CompletedTask;
        });
        await Idle();
        Assert.Equal(1, written);
    }

    [Fact]
    public void WithoutWritesItIsIdle() => Assert.True(lane.WhenIdleAsync().IsCompletedSuccessfully);

    private Task Idle() =>
        lane.WhenIdleAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
