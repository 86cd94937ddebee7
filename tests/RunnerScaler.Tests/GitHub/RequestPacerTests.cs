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
    public async Task ReadsLeaveAPartToWrites()
    {
        var pacer = Pacer(limit: 20, reserve: 10);
        for (var i = 0; i < 10; i++)
            Assert.True(Read(pacer).IsCompletedSuccessfully);

        var read = Read(pacer);
        Assert.False(read.IsCompleted);
        Assert.True(Register(pacer).IsCompletedSuccessfully);

        await GitHubRig.PassTimeAsync(time, Done(read), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(200, 0, 60, 0)]
    [InlineData(0, 200, 0, 12)]
    [InlineData(200, 200, 5, 11)]
    [InlineData(5, 200, 5, 11)]
    public void WhileBothWaitEachGetsItsShareAndWhatTheOtherLeaves(int reads, int writes, int read, int written)
    {
        using var pacer = Pacer(limit: 60);
        Drain(pacer);

        var waitingReads = Crowd(reads, () => Read(pacer));
        var waitingWrites = Crowd(writes, () => Register(pacer));
        Pass(TimeSpan.FromSeconds(61));

        Assert.InRange(waitingReads.Count(t => t.IsCompletedSuccessfully), read - 1, read + 1);
        Assert.InRange(waitingWrites.Count(t => t.IsCompletedSuccessfully), written - 1, written + 1);
    }

    [Fact]
    public void WhoWasAwayHasSavedNothingUp()
    {
        using var pacer = Pacer(limit: 60);
        Drain(pacer);
        var reads = Crowd(200, () => Read(pacer));
        Pass(TimeSpan.FromSeconds(122));
        var before = reads.Count(t => t.IsCompletedSuccessfully);

        Crowd(200, () => Register(pacer));
        Pass(TimeSpan.FromSeconds(61));

        Assert.InRange(reads.Count(t => t.IsCompletedSuccessfully) - before, 5, 8);
    }

    /// <summary>It is asked when its turn has come, and what comes after it goes on in its place.</summary>
    [Fact]
    public async Task WhatIsNotWantedAnyMoreCostsNothing()
    {
        using var pacer = Pacer(limit: 60);
        Drain(pacer);
        var asked = 0;
        Task<bool>[] needless = [.. Enumerable.Range(0, 50).Select(_ => pacer.EnterAsync(
            RequestClass.Registrations, () => ++asked < 0, Cancel))];
        var wanted = pacer.EnterAsync(RequestClass.Registrations, () => true, Cancel);
        Assert.Equal(0, asked);

        Pass(TimeSpan.FromSeconds(61));

        Assert.All(await Task.WhenAll(needless), Assert.False);
        Assert.True(await wanted);
        Assert.Equal((50, 5), (asked, pacer.WritePoints));
    }

    [Fact]
    public void WhoGaveUpCostsNothing()
    {
        using var pacer = Pacer(limit: 60);
        Drain(pacer);
        using var stop = new CancellationTokenSource();
        var gone = Crowd(50, () => pacer.EnterAsync(RequestClass.Registrations, null, stop.Token));
        var read = Read(pacer);

        stop.Cancel();
        Pass(TimeSpan.FromSeconds(61));

        Assert.All(gone, t => Assert.False(t.IsCompletedSuccessfully));
        Assert.True(read.IsCompletedSuccessfully);
    }

    [Fact]
    public void OneThatGaveUpLetsASmallerOneThrough()
    {
        using var pacer = Pacer(limit: 60);
        for (var i = 0; i < 57; i++)
            Assert.True(Read(pacer).IsCompletedSuccessfully);
        using var stop = new CancellationTokenSource();
        var write = pacer.EnterAsync(RequestClass.Registrations, null, stop.Token);
        var read = Read(pacer);
        Assert.False(write.IsCompleted);

        stop.Cancel();

        Assert.True(read.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("Total", false)]
    [InlineData("Endpoint", true)]
    public void EndpointsShareTheLimitOrHaveOneEach(string scope, bool isFree)
    {
        using var pacer = Pacer(limit: 60, scope: Enum.Parse<LimitScope>(scope));
        Drain(pacer);

        foreach (var other in Enum.GetValues<RequestClass>().Where(c => c != RequestClass.RunLists))
            Assert.Equal(isFree, pacer.EnterAsync(other, null, Cancel).IsCompletedSuccessfully);
        Assert.False(Read(pacer).IsCompleted);
    }

    [Theory]
    [InlineData("Total", 15)]
    [InlineData("Endpoint", 0)]
    public void WhatWritesTookOfTheReadsLimitIsTold(string scope, double points)
    {
        using var pacer = Pacer(limit: 60, scope: Enum.Parse<LimitScope>(scope));
        Assert.True(Read(pacer).IsCompletedSuccessfully);
        Crowd(2, () => Register(pacer));
        pacer.EnterAsync(RequestClass.OtherWrites, null, Cancel);
        Assert.Equal(points, pacer.WritePoints);
        Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(0, pacer.WritePoints);
    }

    [Fact]
    public void RegistrationsKeepToTheLimitsOfContentIfAskedTo()
    {
        using var pacer = Pacer(limit: 100_000, content: true);
        var asked = Crowd(1000, () => Register(pacer));

        Assert.Equal(80, asked.Count(t => t.IsCompletedSuccessfully));
        Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(160, asked.Count(t => t.IsCompletedSuccessfully));
        Pass(TimeSpan.FromMinutes(50));
        Assert.Equal(500, asked.Count(t => t.IsCompletedSuccessfully));
        Assert.True(Read(pacer).IsCompletedSuccessfully);
        Assert.True(pacer.EnterAsync(RequestClass.OtherWrites, null, Cancel).IsCompletedSuccessfully);
    }

    [Fact]
    public void ARefusalHalvesTheLimitAndItComesBackSlowly()
    {
        using var pacer = Pacer(limit: 160, scope: LimitScope.Endpoint);
        Assert.Equal(80, pacer.Slower(RequestClass.RunLists));
        Assert.Equal(40, pacer.Slower(RequestClass.RunLists));
        for (var i = 0; i < 10; i++)
            pacer.Slower(RequestClass.RunLists);

        Assert.Equal(10, Drain(pacer));
        Assert.Equal(32, Crowd(100, () => Register(pacer)).Count(t => t.IsCompletedSuccessfully));
        Pass(TimeSpan.FromMinutes(5));
        Assert.InRange(Drain(pacer), 50, 60);
        Pass(TimeSpan.FromMinutes(20));
        Assert.Equal(160, Drain(pacer));
    }

    [Fact]
    public async Task NoMoreThanSoManyAreUnderWay()
    {
        var pacer = Pacer(limit: 100, concurrent: 2);
        await Read(pacer);
        await Read(pacer);

        var third = Read(pacer);
        Assert.False(third.IsCompleted);
        pacer.Leave();
        await third;
    }

    [Fact]
    public async Task AWaitCanBeCancelled()
    {
        var pacer = Pacer(limit: 10);
        Drain(pacer);
        using var stop = new CancellationTokenSource();
        var read = pacer.EnterAsync(RequestClass.RunLists, null, stop.Token);

        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public void NoMinuteHasMoreThanTheLimitAndALongBurstFillsEach() =>
        Gen.Select(Gen.Int[10, 300], Gen.Bool.Array[4, 40], Gen.Int[0, 40].Array[40]).Sample((limit, kinds, gaps) =>
        {
            var clock = new FakeTimeProvider(FakeGitHub.Start);
            using var pacer = new RequestPacer(
                new GitHubOptions { MinuteLimit = limit, WriteReservePoints = 0, MaxConcurrentRequests = 100 }, clock);
            var spent = new List<(double At, double Points)>();
            var backlog = 0.0;
            for (var step = 0; step < 600; step++)
            {
                if (step % 40 < 20 || backlog == 0)
                {
                    var of = kinds[step % kinds.Length] ? RequestClass.Registrations : RequestClass.RunLists;
                    for (var i = gaps[step % gaps.Length]; i >= 0; i--)
                        Ask(of);
                }
                clock.Advance(TimeSpan.FromMilliseconds(250));
            }
            return spent.All(s => Sum(s.At, s.At + 60) <= limit)
                && (backlog < limit || Sum(0, 60) >= limit - 4);

            double Sum(double from, double to) => spent.Where(s => s.At >= from && s.At < to).Sum(s => s.Points);

            async void Ask(RequestClass of)
            {
                backlog += of.Points();
                await pacer.EnterAsync(of, null, Cancel);
                backlog -= of.Points();
                spent.Add(((clock.GetUtcNow() - FakeGitHub.Start).TotalSeconds, of.Points()));
                pacer.Leave();
            }
        }, iter: 50);

    private void Pass(TimeSpan span)
    {
        for (var end = time.GetUtcNow() + span; time.GetUtcNow() < end;)
            time.Advance(TimeSpan.FromMilliseconds(250));
    }

    private static int Drain(RequestPacer pacer)
    {
        var count = 0;
        using var stop = new CancellationTokenSource();
        while (pacer.EnterAsync(RequestClass.RunLists, null, stop.Token).IsCompletedSuccessfully)
            count++;
        stop.Cancel();
        return count;
    }

    private static Task[] Crowd(int size, Func<Task> enter) => [.. Enumerable.Range(0, size).Select(_ => enter())];

    private static Task<bool> Read(RequestPacer pacer) => pacer.EnterAsync(RequestClass.RunLists, null, Cancel);

    private static Task<bool> Register(RequestPacer pacer) =>
        pacer.EnterAsync(RequestClass.Registrations, null, Cancel);

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private RequestPacer Pacer(
        int limit, int reserve = 0, int concurrent = 100_000, LimitScope scope = LimitScope.Total,
        bool content = false) =>
        new(
            new GitHubOptions
            {
                MinuteLimit = limit,
                LimitScope = scope,
                LimitContent = content,
                WriteReservePoints = reserve,
                MaxConcurrentRequests = concurrent,
            },
            time);
}
