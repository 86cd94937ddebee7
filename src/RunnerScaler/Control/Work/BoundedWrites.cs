namespace RunnerScaler.Control.Work;

/// <summary>Identities do not wait behind pods: each has a lane of its own.</summary>
internal sealed class WriteBounds(ControlOptions options, ILogger<BoundedWrites> log) : IDisposable
{
    public BoundedWrites Pods { get; } = new(options.WriteParallelism, log);

    public BoundedWrites Grants { get; } = new(options.WriteParallelism, log);

    public Task WhenIdleAsync() => Task.WhenAll(Pods.WhenIdleAsync(), Grants.WhenIdleAsync());

    public void Dispose()
    {
        Pods.Dispose();
        Grants.Dispose();
    }
}

/// <summary>
/// Writes that nobody waits for: decided in a pass, sent side by side, a bounded number at a time. What comes of one is
/// noted by the write itself.
/// </summary>
internal sealed partial class BoundedWrites(int parallelism, ILogger<BoundedWrites> log) : IDisposable
{
    private readonly SemaphoreSlim places = new(parallelism);
    private readonly Lock guard = new();
    private readonly HashSet<Task> running = [];

    public void Start(Func<Task> write)
    {
        var task = RunAsync(write);
        lock (guard)
            if (!task.IsCompleted)
                running.Add(task);
        task.ContinueWith(
            Finished, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Ends when all writes that were started have ended.</summary>
    public Task WhenIdleAsync()
    {
        lock (guard)
            return Task.WhenAll(running);
    }

    public void Dispose() => places.Dispose();

    private void Finished(Task task)
    {
        lock (guard)
            running.Remove(task);
    }

    private async Task RunAsync(Func<Task> write)
    {
        await places.WaitAsync();
        try
        {
            await write();
        }
        catch (LeadershipLostException)
        {
            LogNotSent();
        }
        catch (OperationCanceledException)
        {
            LogNotSent();
        }
        catch (Exception e)
        {
            // The state is looked at again in the next pass, which repeats what is still needed.
            LogFailed(e);
        }
        finally
        {
            places.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "A write was not sent: this replica is stopping or no longer leads")]
    private partial void LogNotSent();

    [LoggerMessage(Level = LogLevel.Error,
        Message = "A write failed unexpectedly; the next pass repeats it if it is still needed")]
    private partial void LogFailed(Exception exception);
}
