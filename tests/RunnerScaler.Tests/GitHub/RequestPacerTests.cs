using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class RequestPacerTests
{
    private readonly FakeTimeProvider time = new(FakeGitHub.Start);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadsLeaveAPartOfTheBurstToWrites()
    {
        var pacer = Pacer(perMinute: 60, burst: 20, reserve: 10);
        for (var i = 0; i < 10; i++)
            Assert.True(Enter(pacer, write: false).IsCompletedSuccessfully);

        var read = Enter(pacer, write: false);
        Assert.False(read.IsCompleted);
        Assert.True(Enter(pacer, write: true).IsCompletedSuccessfully);

        await GitHubRig.PassTimeAsync(time, Done(read), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(200, 0, 60, 0)]
    [InlineData(0, 200, 0, 12)]
    [InlineData(200, 200, 5, 11)]
    [InlineData(5, 200, 5, 11)]
    public void WhileBothWaitEachGetsItsShareAndWhatTheOtherLeaves(int reads, int writes, int read, int written)
    {
        using var pacer = Pacer(perMinute: 60, burst: 10, reserve: 0);
        Drain(pacer);

        var waitingReads = Crowd(pacer, write: false, reads);
        var waitingWrites = Crowd(pacer, write: true, writes);
        Pass(TimeSpan.FromMinutes(1));

        Assert.InRange(waitingReads.Count(t => t.IsCompletedSuccessfully), read - 1, read + 1);
        Assert.InRange(waitingWrites.Count(t => t.IsCompletedSuccessfully), written - 1, written + 1);
    }

    [Fact]
    public void WhoWasAwayHasSavedNothingUp()
    {
        using var pacer = Pacer(perMinute: 60, burst: 10, reserve: 0);
        Drain(pacer);
        var reads = Crowd(pacer, write: false, 200);
        Pass(TimeSpan.FromMinutes(2));
        var before = reads.Count(t => t.IsCompletedSuccessfully);

        Crowd(pacer, write: true, 200);
        Pass(TimeSpan.FromMinutes(1));

        Assert.InRange(reads.Count(t => t.IsCompletedSuccessfully) - before, 5, 8);
    }

    [Fact]
    public void WhoGaveUpCostsNothing()
    {
        using var pacer = Pacer(perMinute: 60, burst: 10, reserve: 0);
        Drain(pacer);
        using var stop = new CancellationTokenSource();
        var gone = Enumerable.Range(0, 50).Select(_ => pacer.EnterAsync(write: true, stop.Token)).ToArray();
        var read = Enter(pacer, write: false);

        stop.Cancel();
        Pass(TimeSpan.FromSeconds(7));

        Assert.All(gone, t => Assert.False(t.IsCompletedSuccessfully));
        Assert.True(read.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task NoMoreThanSoManyAreUnderWay()
    {
        var pacer = Pacer(perMinute: 6000, burst: 100, reserve: 0, concurrent: 2);
        await Enter(pacer, write: false);
        await Enter(pacer, write: false);

        var third = Enter(pacer, write: false);
        Assert.False(third.IsCompleted);
        pacer.Leave();
        await third;
    }

    [Fact]
    public async Task AWaitCanBeCancelled()
    {
        var pacer = Pacer(perMinute: 60, burst: 10, reserve: 10);
        using var stop = new CancellationTokenSource();
        var read = pacer.EnterAsync(write: false, stop.Token);

        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public void InAnyMinuteNoMoreIsSpentThanBurstAndRate() =>
        Gen.Select(Gen.Int[10, 300], Gen.Int[10, 300], Gen.Int[0, 2].Array[200]).Sample((rate, burst, gaps) =>
        {
            var clock = new FakeTimeProvider(FakeGitHub.Start);
            var options = new GitHubOptions
            {
                PointsPerMinute = rate,
                BurstPoints = burst,
                WriteReservePoints = 0,
                MaxConcurrentRequests = 1000,
            };
            var pacer = new RequestPacer(options, clock);
            var spent = 0;
            foreach (var gap in gaps)
            {
                if (pacer.EnterAsync(write: true, Cancel).IsCompletedSuccessfully)
                    spent += 5;
                clock.Advance(TimeSpan.FromMilliseconds(gap * 150));
                if (clock.GetUtcNow() - FakeGitHub.Start >= TimeSpan.FromMinutes(1))
                    break;
            }
            return spent <= rate + burst;
        });

    private void Pass(TimeSpan span)
    {
        for (var end = time.GetUtcNow() + span; time.GetUtcNow() < end;)
            time.Advance(TimeSpan.FromMilliseconds(250));
    }

    private static void Drain(RequestPacer pacer)
    {
        while (Enter(pacer, write: false).IsCompletedSuccessfully)
            continue;
    }

    private static Task[] Crowd(RequestPacer pacer, bool write, int size) =>
        [.. Enumerable.Range(0, size).Select(_ => Enter(pacer, write))];

    private static Task Enter(RequestPacer pacer, bool write) => pacer.EnterAsync(write, Cancel);

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private RequestPacer Pacer(int perMinute, int burst, int reserve, int concurrent = 1000) => new(
        new GitHubOptions
        {
            PointsPerMinute = perMinute,
            BurstPoints = burst,
            WriteReservePoints = reserve,
            MaxConcurrentRequests = concurrent,
        },
        time);
}
