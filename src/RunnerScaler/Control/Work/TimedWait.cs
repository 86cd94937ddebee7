namespace RunnerScaler.Control.Work;

/// <summary>
/// Waits with an end. <c>Task.WhenAny</c> and <c>Task.WaitAsync</c> would hop to the thread pool here: they are told of
/// a source with <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/> there, whatever context they are
/// awaited in.
/// </summary>
internal static class TimedWait
{
    public static TaskCompletionSource<bool> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the source is set, the time is over, or the caller cancels, whichever is first.</summary>
    /// <returns>What the source was set to; false if it was not. Never throws.</returns>
    public static async Task<bool> AtMostAsync(
        this TaskCompletionSource<bool> source, TimeSpan atMost, TimeProvider time, CancellationToken cancel)
    {
        if (source.Task.IsCompleted)
            return await source.Task;
        using var timer = time.CreateTimer(GiveUp, source, atMost, Timeout.InfiniteTimeSpan);
        using var ended = cancel.UnsafeRegister(GiveUp, source);
        return await source.Task;
    }

    private static void GiveUp(object? source) => ((TaskCompletionSource<bool>)source!).TrySetResult(false);
}
