namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Questions that are under way: each is asked once, however many wait for its answer, and although those who do may
/// give up.
/// </summary>
/// <param name="most">So many at a time.</param>
internal sealed class OpenQuestions<T>(int most)
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, Task<T>> asked = new(StringComparer.Ordinal);

    /// <summary>The answer to come; null if too many are under way to ask another.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="ask">Asks it; nobody can cut it short.</param>
    public Task<T>? Ask(string key, Func<Task<T>> ask)
    {
        lock (guard)
        {
            if (asked.TryGetValue(key, out var already))
                return already;
            if (asked.Count >= most)
                return null;
            var asking = AskAsync(key, ask);
            if (!asking.IsCompleted)
                asked[key] = asking;
            return asking;
        }
    }

    private async Task<T> AskAsync(string key, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        finally
        {
            lock (guard)
                asked.Remove(key);
        }
    }
}
