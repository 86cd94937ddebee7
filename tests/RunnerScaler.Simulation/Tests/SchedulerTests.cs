using RunnerScaler.Simulation.Kernel;

namespace RunnerScaler.Simulation.Tests;

public sealed class SchedulerTests
{
    private readonly SimScheduler scheduler = new(new Random(1), new Trace());
    private readonly List<string> said = [];
    private readonly SimProcess process;

    public SchedulerTests() => process = new SimProcess(scheduler, "p", 0, TimeSpan.Zero);

    [Fact]
    public void TimersRingInTheOrderOfTheirTime()
    {
        process.Start("b", () => SayAfter("b", 2));
        process.Start("a", () => SayAfter("a", 1));
        process.Start("c", () => SayAfter("c", 3));

        Run(TimeSpan.FromSeconds(2.5));

        Assert.Equal(["a@1", "b@2"], said);
        Assert.Equal(TimeSpan.FromSeconds(2.5), scheduler.Elapsed);
    }

    [Fact]
    public void WhatIsReadyAtOneTimeRunsInAnOrderThatTheSeedDecides()
    {
        var orders = Enumerable.Range(0, 20).Select(OrderOf).ToArray();

        Assert.Equal(orders, Enumerable.Range(0, 20).Select(OrderOf));
        Assert.True(orders.Distinct().Count() > 3, $"{orders.Distinct().Count()} different orders");
    }

    [Fact]
    public void APausedProcessGoesOnWhereItWas()
    {
        process.Start("a", () => SayAfter("a", 1));
        scheduler.After(Other(), TimeSpan.FromSeconds(0.5), process.Pause);
        scheduler.After(Other(), TimeSpan.FromSeconds(7), process.Resume);

        Run(TimeSpan.FromSeconds(10));

        Assert.Equal(["a@7"], said);
    }

    [Fact]
    public void AKilledProcessNeverGoesOn()
    {
        var told = 0;
        process.OnDeath(() => told++);
        process.Start("a", () => SayAfter("a", 1));
        scheduler.After(Other(), TimeSpan.FromSeconds(0.5), process.Kill);

        Run(TimeSpan.FromSeconds(10));

        Assert.Empty(said);
        Assert.Equal(1, told);
    }

    [Fact]
    public void AnEscapeToTheThreadPoolIsNoticed()
    {
        using var away = new ManualResetEventSlim();
        process.Start("escape", async () =>
        {
            await Task.Run(() => { }, TestContext.Current.CancellationToken).ConfigureAwait(false);
            process.Clock.GetTimestamp();
            away.Set();
        });
        process.Start("clock", () =>
        {
            away.Wait(TestContext.Current.CancellationToken);
            return Task.CompletedTask;
        });

        Run(TimeSpan.FromSeconds(1));

        Assert.Equal("deterministic", scheduler.Failure?.Promise);
    }

    [Fact]
    public void ALoopThatDoesNotWaitIsNoticed()
    {
        process.Start("loop", async () =>
        {
            while (true)
                await Task.Yield();
        });

        Run(TimeSpan.FromSeconds(1));

        Assert.Equal("progress", scheduler.Failure?.Promise);
    }

    [Fact]
    public void AWaitThatNobodyEndsIsNoticed()
    {
        process.Start("wait", () => new TaskCompletionSource().Task);

        Run(TimeSpan.FromSeconds(1));

        Assert.Equal("progress", scheduler.Failure?.Promise);
    }

    [Fact]
    public void AnErrorEndsTheRun()
    {
        process.Start("error", async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("so it is");
        });

        Run(TimeSpan.FromSeconds(1));

        Assert.Contains("so it is", scheduler.Failure?.What, StringComparison.Ordinal);
    }

    private static string OrderOf(int seed)
    {
        var scheduler = new SimScheduler(new Random(seed), new Trace());
        var process = new SimProcess(scheduler, "p", 0, TimeSpan.Zero);
        var order = "";
        foreach (var letter in "abcd")
            scheduler.After(process, TimeSpan.FromSeconds(1), () => order += letter);
        scheduler.RunUntil(TimeSpan.FromSeconds(1), () => order.Length == 4);
        return order;
    }

    private async Task SayAfter(string what, double seconds)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), process.Clock);
        said.Add(FormattableString.Invariant($"{what}@{scheduler.Elapsed.TotalSeconds}"));
    }

    private SimProcess Other() => new(scheduler, "other", 1, TimeSpan.Zero);

    private void Run(TimeSpan end) => scheduler.RunUntil(end, () => false);
}
