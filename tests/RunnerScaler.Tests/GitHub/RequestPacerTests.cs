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
        Assert.True(Enter(pacer, write: true).IsCompletedSuccessfully);
        Assert.False(Enter(pacer, write: true).IsCompleted);

        await Bench.PassTimeAsync(time, Done(read), TimeSpan.FromSeconds(1));
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

    private static Task Enter(RequestPacer pacer, bool write) => pacer.EnterAsync(write, Cancel);

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private RequestPacer Pacer(int perMinute, int burst, int reserve, int concurrent = 100) => new(
        new GitHubOptions
        {
            PointsPerMinute = perMinute,
            BurstPoints = burst,
            WriteReservePoints = reserve,
            MaxConcurrentRequests = concurrent,
        },
        time);
}
