namespace RunnerScaler.Hosting;

/// <summary>The code that the process ends with.</summary>
internal sealed class ExitCode
{
    public const int Success = 0;

    /// <summary>A loop died.</summary>
    public const int Failed = 1;

    /// <summary>The options or the command line are wrong.</summary>
    public const int Usage = 2;

    public int Value { get; set; } = Success;
}

/// <summary>
/// Runs a loop as long as the process. A loop that ends by itself takes the process down with it: half a controller is
/// worse than one that is started again.
/// </summary>
internal sealed partial class HostedLoop(
    string name,
    Func<CancellationToken, Task> run,
    ExitCode exit,
    IHostApplicationLifetime lifetime,
    ILogger<HostedLoop> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Exception? error = null;
        try
        {
            await run(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception thrown)
        {
            error = thrown;
        }
        if (error is null && stoppingToken.IsCancellationRequested)
            return;
        LogDied(name, error);
        exit.Value = ExitCode.Failed;
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The loop '{Loop}' died; the process stops, to be restarted")]
    private partial void LogDied(string loop, Exception? error);
}
