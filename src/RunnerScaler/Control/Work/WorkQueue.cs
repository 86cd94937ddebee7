namespace RunnerScaler.Control.Work;

/// <summary>
/// Keys that need a look. A key is in it at most once; one that is added while somebody works on it is looked at again
/// afterwards, never by two at the same time. What happened is not in it: whoever takes a key looks at the whole state.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="longest">How long the pause after a failure may become; a minute if null. It doubles up to a minute,
/// and then grows by a tenth each time: what has failed for long is looked at ever more rarely.</param>
internal sealed class WorkQueue<TKey>(TimeProvider time, TimeSpan? longest = null)
    where TKey : notnull
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDoubled = TimeSpan.FromMinutes(1);
    private const int Doublings = 7;

    private readonly Lock guard = new();
    private readonly Queue<TKey> ready = new();
    private readonly HashSet<TKey> dirty = [];
    private readonly HashSet<TKey> busy = [];
    private readonly Dictionary<TKey, Alarm> alarms = [];
    private readonly Dictionary<TKey, int> failures = [];
    private readonly Queue<TaskCompletionSource<bool>> takers = new();

    public void Add(TKey key)
    {
        TaskCompletionSource<bool>? taker = null;
        lock (guard)
        {
            if (!dirty.Add(key) || busy.Contains(key))
                return;
            ready.Enqueue(key);
            takers.TryDequeue(out taker);
        }
        taker?.TrySetResult(true);
    }

    /// <summary>Adds the key, unless it is in the pause after a failure: that pause is not cut short.</summary>
    public void AddUnlessBackingOff(TKey key)
    {
        lock (guard)
            if (failures.ContainsKey(key) && alarms.ContainsKey(key))
                return;
        Add(key);
    }

    /// <summary>Adds the key later; of several times for one key the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        var due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        lock (guard)
        {
            if (alarms.TryGetValue(key, out var set))
            {
                if (set.Due <= due)
                    return;
                set.Timer.Dispose();
            }
            alarms[key] = new(due, time.CreateTimer(_ => Ring(key, due), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Adds the key at this time, by our clock.</summary>
    public void AddAt(TKey key, DateTimeOffset due) => AddAfter(key, due - time.GetUtcNow());

    /// <summary>Takes the next key; whoever takes it gives it back by <see cref="Return"/>.</summary>
    /// <returns>False if there was none within the time.</returns>
    public async Task<(bool Taken, TKey Key)> TakeAsync(TimeSpan atMost, CancellationToken cancel)
    {
        var taker = TimedWait.NewSource();
        lock (guard)
        {
            if (TryTake(out var key))
                return (true, key);
            takers.Enqueue(taker);
        }
        var woken = await taker.AtMostAsync(atMost, time, cancel);
        lock (guard)
        {
            // Woken or not, this taker must not stand in the queue any more; a wake-up that it does not use goes on.
            if (!woken)
                Leave(taker);
            if (!cancel.IsCancellationRequested && TryTake(out var key))
                return (true, key);
            if (ready.Count > 0 && takers.TryDequeue(out var next))
                next.TrySetResult(true);
        }
        cancel.ThrowIfCancellationRequested();
        return (false, default!);
    }

    /// <summary>Gives back a key that was taken, and acts on what came of the look at it.</summary>
    public void Return(TKey key, ReconcileResult result)
    {
        Release(key);
        switch (result.Next)
        {
            case ReconcileNext.Never:
                Forget(key);
                break;
            case ReconcileNext.After:
                Forget(key);
                AddAfter(key, result.Delay);
                break;
            case ReconcileNext.Retry:
                Retry(key, result.Delay);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(result), result.Next, null);
        }
    }

    private void Release(TKey key)
    {
        TaskCompletionSource<bool>? taker = null;
        lock (guard)
        {
            busy.Remove(key);
            if (!dirty.Contains(key))
                return;
            ready.Enqueue(key);
            takers.TryDequeue(out taker);
        }
        taker?.TrySetResult(true);
    }

    // Its next failure is its first.
    private void Forget(TKey key)
    {
        lock (guard)
            failures.Remove(key);
    }

    private void Retry(TKey key, TimeSpan atLeast)
    {
        int count;
        lock (guard)
            failures[key] = count = failures.GetValueOrDefault(key) + 1;
        var pause = count <= Doublings
            ? FirstRetry * Math.Pow(2, count - 1)
            : LongestDoubled * Math.Pow(1.1, Math.Min(count - Doublings - 1, 100));
        var most = longest ?? LongestDoubled;
        pause = pause < most ? pause : most;
        AddAfter(key, pause > atLeast ? pause : atLeast);
    }

    private bool TryTake(out TKey key)
    {
        if (!ready.TryDequeue(out key!))
            return false;
        dirty.Remove(key);
        busy.Add(key);
        return true;
    }

    private void Leave(TaskCompletionSource<bool> taker)
    {
        for (var left = takers.Count; left > 0; left--)
            if (takers.Dequeue() is var other && other != taker)
                takers.Enqueue(other);
    }

    private void Ring(TKey key, long due)
    {
        lock (guard)
        {
            if (!alarms.TryGetValue(key, out var set) || set.Due != due)
                return;
            set.Timer.Dispose();
            alarms.Remove(key);
        }
        Add(key);
    }

    private readonly record struct Alarm(long Due, ITimer Timer);
}
