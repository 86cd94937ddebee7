using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>The loops that take keys from the queues and see to each.</summary>
internal sealed partial class ReconcileLoops(
    PoolReconciler pools,
    RunnerReconciler runners,
    StatusReporter reporter,
    Sweeper sweeper,
    PoolQueue poolQueue,
    RunnerQueue runnerQueue,
    Orphans orphans,
    Heartbeats beats,
    Ports.IScalerMetrics metrics,
    ControlOptions options,
    TimeProvider time,
    ILogger<ReconcileLoops> log)
{
    private const int PoolWorkers = 4;
    private const int RunnerWorkers = 8;
    private const int OrphanWorkers = 2;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(5);

    /// <summary>Starts all loops; each ends when cancelled.</summary>
    public IEnumerable<Task> Start(CancellationToken cancel) =>
    [
        .. Enumerable.Range(0, PoolWorkers).Select(i => WorkAsync($"pools {i}", poolQueue.Keys, PoolAsync, cancel)),
        WorkAsync("status", reporter.Keys, StatusAsync, cancel),
        .. Enumerable.Range(0, RunnerWorkers)
            .Select(i => WorkAsync($"runners {i}", runnerQueue.Keys, RunnerAsync, cancel)),
        .. Enumerable.Range(0, OrphanWorkers).Select(i => WorkAsync($"orphans {i}", orphans.Keys, OrphanAsync, cancel)),
    ];

    private async Task WorkAsync<TKey>(
        string loop, WorkQueue<TKey> queue, Func<TKey, CancellationToken, Task<bool>> work, CancellationToken cancel)
        where TKey : notnull
    {
        try
        {
            while (true)
            {
                beats.Beat(loop, LongestStep);
                var (taken, key) = await queue.TakeAsync(Look, cancel);
                if (taken)
                    await WorkOnAsync(loop, queue, key, work, cancel);
            }
        }
        finally
        {
            beats.Stop(loop);
        }
    }

    private async Task WorkOnAsync<TKey>(
        string loop, WorkQueue<TKey> queue, TKey key, Func<TKey, CancellationToken, Task<bool>> work,
        CancellationToken cancel)
        where TKey : notnull
    {
        var worked = false;
        try
        {
            using (beats.Outside(loop, LongestStep))
                worked = await work(key, cancel);
        }
        catch (LeadershipLostException)
        {
            // The term is about to end; the next leader looks at everything.
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            LogFailed(e, loop, key.ToString());
        }
        finally
        {
            queue.Done(key);
            if (worked)
                queue.Forget(key);
            else
                queue.Retry(key);
        }
    }

    private async Task<bool> PoolAsync(PoolKey pool, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var failed = true;
        try
        {
            if (pools.Reconcile(pool) is { } next)
                poolQueue.AddAfter(pool, next);
            failed = false;
        }
        finally
        {
            metrics.Reconciled(pool, time.GetElapsedTime(started), failed);
        }
        await Task.Delay(options.PassSpacing, time, cancel);
        return true;
    }

    private async Task<bool> RunnerAsync(RunnerKey runner, CancellationToken cancel)
    {
        var (worked, next) = await runners.ReconcileAsync(runner, cancel);
        if (worked && next is { } due)
            runnerQueue.Keys.AddAfter(runner, due - time.GetUtcNow());
        return worked;
    }

    private Task<bool> StatusAsync(PoolKey pool, CancellationToken cancel) => reporter.WriteAsync(pool, cancel);

    private Task<bool> OrphanAsync(Orphan orphan, CancellationToken cancel) => sweeper.DeleteAsync(orphan, cancel);

    [LoggerMessage(Level = LogLevel.Error, Message = "The loop {Loop} failed at {Key}; it tries again after a pause")]
    private partial void LogFailed(Exception exception, string loop, string? key);
}
