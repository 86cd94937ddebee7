namespace RunnerScaler.GitHub.Http;

/// <summary>Requests that share limits: each is let through as soon as all of its windows have room for it.</summary>
internal sealed class RequestGroup : IDisposable
{
    private readonly TimeProvider time;
    private readonly long start;
    private readonly SlidingWindow[] windows;
    private readonly RequestQueue[] queues;
    private readonly ITimer next;
    private readonly Lock guard = new();
    private double turn;

    /// <param name="time">The clock.</param>
    /// <param name="windows">The limits, in the unit of the queues' costs.</param>
    /// <param name="queues">The kinds of requests.</param>
    public RequestGroup(TimeProvider time, SlidingWindow[] windows, params RequestQueue[] queues)
    {
        (this.time, this.windows, this.queues) = (time, windows, queues);
        start = time.GetTimestamp();
        next = time.CreateTimer(_ => Serve(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now => time.GetElapsedTime(start);

    /// <summary>How much of the limits is used: 1 unless GitHub has refused lately.</summary>
    public double Part
    {
        get
        {
            lock (guard)
                return windows.Min(w => w.Part);
        }
    }

    /// <summary>Whether anybody waits in the queue.</summary>
    public bool Waits(RequestQueue queue)
    {
        lock (guard)
            return !queue.IsEmpty;
    }

    /// <summary>What a queue has spent in the last minute.</summary>
    public double Spent(RequestQueue queue)
    {
        lock (guard)
            return queue.Spent.Spent(Now);
    }

    /// <summary>Waits for a turn in one of the group's queues.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="isStillWanted">Asked when the turn has come; null for always.</param>
    /// <param name="cancel">Gives the wait up.</param>
    /// <returns>False if it was not wanted any more: then it has spent nothing.</returns>
    public async Task<bool> EnterAsync(RequestQueue queue, Func<bool>? isStillWanted, CancellationToken cancel)
    {
        RequestQueue.Waiter waiter;
        lock (guard)
            waiter = queue.Join(turn, isStillWanted);
        using var leave = cancel.UnsafeRegister(_ => GiveUp(waiter, cancel), null);
        Serve();
        return await waiter.Done.Task;
    }

    /// <summary>GitHub has refused: its limits are lower than these.</summary>
    public void Halve()
    {
        lock (guard)
        {
            foreach (var window in windows)
                window.Halve(Now);
        }
    }

    public void Dispose() => next.Dispose();

    private void GiveUp(RequestQueue.Waiter waiter, CancellationToken cancel)
    {
        lock (guard)
        {
            if (waiter.Over)
                return;
            waiter.Over = true;
        }
        waiter.Done.SetCanceled(cancel);
        // Whoever comes after it may need less room.
        Serve();
    }

    private void Serve()
    {
        var served = new List<(RequestQueue.Waiter Waiter, bool IsWanted)>();
        lock (guard)
        {
            while (First() is { } queue)
            {
                var now = Now;
                var wait = windows.Max(w => w.WaitFor(Needs(queue), now));
                if (wait > TimeSpan.Zero)
                {
                    next.Change(wait, Timeout.InfiniteTimeSpan);
                    break;
                }
                if (queue.DropUnwanted() is { } dropped)
                {
                    served.Add((dropped, false));
                    continue;
                }
                turn = queue.Turn;
                foreach (var window in windows)
                    window.Spend(queue.Cost, now);
                queue.Spent.Spend(queue.Cost, now);
                served.Add((queue.Serve(), true));
            }
        }

        // Outside the lock: what they go on with runs here.
        foreach (var (waiter, isWanted) in served)
            waiter.Done.TrySetResult(isWanted);
    }

    private double Needs(RequestQueue queue) =>
        queue.Cost + (queues.All(q => q == queue || q.IsEmpty) ? queue.Leaves : 0);

    /// <summary>The queue whose turn it is; null if nobody waits.</summary>
    private RequestQueue? First() => queues.Where(q => !q.IsEmpty).MinBy(q => q.Turn);
}
