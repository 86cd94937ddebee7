namespace RunnerScaler.Simulation.Reading;

/// <summary>
/// Time that goes from timer to timer, on one thread, when its owner says so. What is told to wait on it goes on inside
/// <see cref="Step"/>: there is no synchronization context that would send it elsewhere.
/// </summary>
internal sealed class StepTime : TimeProvider
{
    private static readonly TimeSpan LongestEscape = TimeSpan.FromSeconds(20);

    public static readonly DateTimeOffset Epoch = new(2026, 3, 2, 6, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Timer, (long Due, long Order)> timers = new();
    private readonly int owner = Environment.CurrentManagedThreadId;
    private long now;
    private long order;

    public TimeSpan Elapsed => TimeSpan.FromTicks(now);

    /// <summary>
    /// Whether code under test has left the thread: where two wait for one another, the one that is let in goes on
    /// elsewhere. Nothing can be concluded from then on.
    /// </summary>
    public bool Escaped { get; private set; }

    /// <summary>Looks where the caller runs.</summary>
    public void CheckThread() => Escaped |= Environment.CurrentManagedThreadId != owner;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Epoch + Elapsed;

    public override long GetTimestamp() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void After(TimeSpan delay, Action act) =>
        new Timer(this, act).Change(delay < TimeSpan.Zero ? TimeSpan.Zero : delay, Timeout.InfiniteTimeSpan);

    /// <summary>Goes on to the next timer and rings it; false if there is none before the end.</summary>
    public bool Step(TimeSpan end)
    {
        while (timers.TryPeek(out var timer, out var at))
        {
            if (at.Due > end.Ticks && timer.Due == at.Due)
                break;
            timers.Dequeue();
            if (timer.Due != at.Due)
                continue;
            now = Math.Max(now, at.Due);
            timer.Ring();
            return true;
        }
        now = Math.Max(now, end.Ticks);
        return false;
    }

    public void RunUntil(TimeSpan end)
    {
        while (Step(end))
        {
        }
    }

    /// <summary>Lets time pass until the task has ended; null if that takes longer than allowed.</summary>
    public T? Await<T>(Task<T> task, TimeSpan atMost)
        where T : class
    {
        var end = Elapsed + atMost;
        while (!task.IsCompleted && !Escaped && Step(end))
        {
        }
        // Nobody here can end it any more; who has left the thread may be on his way.
        if (!task.IsCompleted)
            SpinWait.SpinUntil(() => Escaped || task.IsCompleted, LongestEscape);
        return task.IsCompleted ? task.GetAwaiter().GetResult() : null;
    }

    private sealed class Timer(StepTime time, Action callback) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        public long? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan every)
        {
            time.CheckThread();
            period = every;
            Due = null;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Set(dueTime);
            return true;
        }

        public void Ring()
        {
            Due = null;
            if (period > TimeSpan.Zero)
                Set(period);
            callback();
        }

        public void Dispose() => Due = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(TimeSpan delay)
        {
            Due = time.now + Math.Max(0, delay.Ticks);
            time.timers.Enqueue(this, (Due.Value, time.order++));
        }
    }
}
