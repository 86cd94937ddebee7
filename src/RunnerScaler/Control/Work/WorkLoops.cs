namespace RunnerScaler.Control.Work;

/// <summary>Loops that take keys from a queue and look at each, as many side by side as are started.</summary>
internal sealed partial class WorkLoops(Heartbeats beats, TimeProvider time, ILogger<WorkLoops> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(5);

    /// <summary>Starts loops that end when cancelled.</summary>
    /// <param name="name">What they look at.</param>
    /// <param name="count">How many.</param>
    /// <param name="queue">Where the keys are.</param>
    /// <param name="reconcile">Looks at one.</param>
    /// <param name="cancel">Ends them.</param>
    /// <param name="spacing">How long each rests after a pass, so that what happens meanwhile needs one.</param>
    public IEnumerable<Task> Start<TKey>(
        string name, int count, WorkQueue<TKey> queue, Func<TKey, CancellationToken, Task<ReconcileResult>> reconcile,
        CancellationToken cancel, TimeSpan spacing = default)
        where TKey : notnull =>
        [.. Enumerable.Range(0, count).Select(i => RunAsync($"{name} {i}", queue, reconcile, spacing, cancel))];

    private async Task RunAsync<TKey>(
        string loop, WorkQueue<TKey> queue, Func<TKey, CancellationToken, Task<ReconcileResult>> reconcile,
        TimeSpan spacing, CancellationToken cancel)
        where TKey : notnull
    {
        try
        {
            while (true)
            {
                beats.Beat(loop, LongestStep);
                var (taken, key) = await queue.TakeAsync(Interval, cancel);
                if (!taken)
                    continue;
                var result = ReconcileResult.Retry();
                try
                {
                    using (beats.Outside(loop, LongestStep))
                    {
                        result = await ReconcileAsync(loop, key, reconcile, cancel);
                        await Task.Delay(spacing, time, cancel);
                    }
                }
                finally
                {
                    queue.Return(key, result);
                }
            }
        }
        finally
        {
            beats.Stop(loop);
        }
    }

    private async Task<ReconcileResult> ReconcileAsync<TKey>(
        string loop, TKey key, Func<TKey, CancellationToken, Task<ReconcileResult>> reconcile, CancellationToken cancel)
        where TKey : notnull
    {
        try
        {
            return await reconcile(key, cancel);
        }
        catch (LeadershipLostException)
        {
            // The term is about to end; the next leader looks at everything.
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            LogFailed(e, loop, key.ToString());
        }
        return ReconcileResult.Retry();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The loop {Loop} failed at {Key}; it tries again after a pause")]
    private partial void LogFailed(Exception exception, string loop, string? key);
}
