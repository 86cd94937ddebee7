namespace RunnerScaler.Control.Work;

/// <summary>
/// A flag that one loop waits for and anyone sets. Setting it twice before it is seen counts once; it is never lost.
/// </summary>
internal sealed class AsyncAutoResetEvent(TimeProvider time)
{
    private readonly Lock guard = new();
    private TaskCompletionSource<bool>? waiter;
    private bool isSet;

    public void Set()
    {
        lock (guard)
        {
            isSet = true;
            waiter?.TrySetResult(true);
        }
    }

    /// <summary>Waits until the flag is set, and takes it down; or until the time is over.</summary>
    /// <returns>Whether the flag was set.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        var mine = TimedWait.NewSource();
        lock (guard)
        {
            waiter = mine;
            if (isSet)
                mine.TrySetResult(true);
        }
        await mine.AtMostAsync(atMost, time, cancel);
        cancel.ThrowIfCancellationRequested();
        lock (guard)
        {
            var wasSet = isSet;
            isSet = false;
            return wasSet;
        }
    }
}
