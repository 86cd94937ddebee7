namespace RunnerScaler.GitHub.Client;

/// <summary>Does things side by side, a few at a time, where its caller runs: on one thread if need be.</summary>
internal static class BoundedParallel
{
    /// <summary>Does each of the things; what one throws ends the others, and is thrown.</summary>
    /// <param name="things">What is to be done, in this order.</param>
    /// <param name="atOnce">How many are under way at most.</param>
    /// <param name="act">Does one; its token ends when another failed.</param>
    /// <param name="cancel">Ends all.</param>
    public static async Task ForEachAsync<T>(
        IReadOnlyList<T> things, int atOnce, Func<T, CancellationToken, Task> act, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(atOnce, things.Count)).Select(_ => WorkAsync()));

        async Task WorkAsync()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var mine && mine < things.Count)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    await act(things[mine], stop.Token);
                }
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        }
    }
}
