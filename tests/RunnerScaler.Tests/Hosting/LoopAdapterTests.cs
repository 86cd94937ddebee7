using RunnerScaler.Hosting;
using RunnerScaler.Tests.Web;

namespace RunnerScaler.Tests.Hosting;

public sealed class LoopAdapterTests : IDisposable
{
    private readonly CapturedLog log = new();
    private readonly ExitCode exit = new();
    private IHost? host;

    [Fact]
    public async Task ALoopThatDiesStopsTheProcessAndIsNamed()
    {
        await RunToTheEndAsync(_ => Task.FromException(new InvalidOperationException("The loop tripped.")));

        Assert.Equal(ExitCode.Failed, exit.Value);
        var line = Assert.Single(log.Lines, line => line.StartsWith("Critical", StringComparison.Ordinal));
        Assert.Contains("'pools'", line, StringComparison.Ordinal);
        Assert.Contains("The loop tripped.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALoopThatJustEndsHasDiedToo()
    {
        await RunToTheEndAsync(_ => Task.CompletedTask);

        Assert.Equal(ExitCode.Failed, exit.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ALoopThatEndsWhenAskedToIsASuccess(bool throws)
    {
        var started = new TaskCompletionSource();
        var running = RunToTheEndAsync(async cancel =>
        {
            started.SetResult();
            var ended = Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            await (throws ? ended : ended.ContinueWith(_ => { }, TestContext.Current.CancellationToken));
        });
        await started.Task;
        host!.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await running;

        Assert.Equal(ExitCode.Success, exit.Value);
        Assert.DoesNotContain(log.Lines, line => line.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ALoopThatFailsWhileItEndsIsAFailure()
    {
        var started = new TaskCompletionSource();
        var running = RunToTheEndAsync(async cancel =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel)
                .ContinueWith(_ => { }, TestContext.Current.CancellationToken);
            throw new InvalidOperationException("The last write failed.");
        });
        await started.Task;
        host!.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await running;

        Assert.Equal(ExitCode.Failed, exit.Value);
    }

    public void Dispose() => host?.Dispose();

    private async Task RunToTheEndAsync(Func<CancellationToken, Task> loop)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(exit).AddSingleton<IHostedService>(provider =>
            ActivatorUtilities.CreateInstance<HostedLoop>(provider, "pools", loop));
        host = builder.Build();
        await host.RunAsync(TestContext.Current.CancellationToken);
    }
}
