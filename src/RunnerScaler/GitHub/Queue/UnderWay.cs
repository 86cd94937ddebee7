using System.Runtime.ExceptionServices;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Work that may outlast the call that began it, so that nobody waits for the slowest. What it comes to is taken in by
/// <see cref="Settle"/>, where its owner runs. One call at a time.
/// </summary>
internal sealed class UnderWay(TimeProvider time)
{
    private readonly Dictionary<object, long> begun = [];
    private readonly Queue<(object Key, Action? Result, Exception? Broken)> ended = [];
    private readonly Lock guard = new();
    private TaskCompletionSource? waiter;

    public bool IsEmpty => begun.Count == 0;

    public bool Has(object key) => begun.ContainsKey(key);

    /// <summary>How much is under way about this kind of thing, for at least so long.</summary>
    public int Count<TKey>(TimeSpan atLeast = default) =>
        begun.Count(b => b.Key is TKey && time.GetElapsedTime(b.Value) >= atLeast);

    /// <param name="key">What it is about: not begun again while it is under way.</param>
    /// <param name="work">Comes to what its owner has to do about it; throws only if it was cancelled.</param>
    public void Start(object key, Func<Task<Action>> work)
    {
        begun[key] = time.GetTimestamp();
        _ = RunAsync(key, work);
    }

    /// <summary>Waits until something has ended, but no longer than this.</summary>
    public async Task AnyAsync(TimeSpan atMost, CancellationToken cancel)
    {
        // Goes on where it is set, without a hop to the thread pool: on one thread if need be.
        var mine = new TaskCompletionSource();
        lock (guard)
        {
            if (ended.Count > 0)
                return;
            waiter = mine;
        }
        using var timer = time.CreateTimer(_ => mine.TrySetResult(), null, atMost, Timeout.InfiniteTimeSpan);
        using var stop = cancel.UnsafeRegister(_ => mine.TrySetResult(), null);
        await mine.Task;
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>Takes in what has ended.</summary>
    /// <exception cref="Exception">What some work threw although it should not.</exception>
    public void Settle()
    {
        Exception? broken = null;
        while (Next() is var (key, result, thrown))
        {
            begun.Remove(key);
            result?.Invoke();
            broken ??= thrown;
        }
        if (broken is not null)
            ExceptionDispatchInfo.Throw(broken);
    }

    /// <summary>Waits for all that is under way, however it ends.</summary>
    public async Task DrainAsync()
    {
        while (!IsEmpty)
        {
            await AnyAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
            while (Next() is var (key, _, _))
                begun.Remove(key);
        }
    }

    private (object Key, Action? Result, Exception? Broken)? Next()
    {
        lock (guard)
            return ended.TryDequeue(out var first) ? first : null;
    }

    private async Task RunAsync(object key, Func<Task<Action>> work)
    {
        (object, Action?, Exception?) end;
        try
        {
            end = (key, await work(), null);
        }
        catch (OperationCanceledException)
        {
            end = (key, null, null);
        }
        catch (Exception e)
        {
            end = (key, null, e);
        }
        TaskCompletionSource? waiting;
        lock (guard)
        {
            ended.Enqueue(end);
            waiting = waiter;
            waiter = null;
        }
        waiting?.TrySetResult();
    }
}
