namespace RunnerScaler.Control;

/// <summary>
/// A flag that one loop waits for and anyone sets. Setting it twice before it is seen counts once; it is never lost.
/// </summary>
internal sealed class Signal(TimeProvider time)
{
    private readonly Lock guard = new();
    private TaskCompletionSource waiting = New();

    public void Set()
    {
        lock (guard)
            waiting.TrySetResult();
    }

    /// <summary>Waits until the flag is set, and takes it down; or until the time is over.</summary>
    /// <returns>Whether the flag was set.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        Task task;
        lock (guard)
            task = waiting.Task;
        if (!task.IsCompleted)
            await WaitAtMostAsync(task, atMost, cancel);
        cancel.ThrowIfCancellationRequested();
        lock (guard)
        {
            if (!waiting.Task.IsCompleted)
                return false;
            waiting = New();
            return true;
        }
    }

    private async Task WaitAtMostAsync(Task task, TimeSpan atMost, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(task, Task.Delay(atMost, time, over.Token));
        over.Cancel();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
