namespace RunnerScaler.Simulation.Kernel;

/// <summary>A timer in virtual time, of one process: it does not ring while that process is paused or dead.</summary>
internal sealed class SimTimer(SimScheduler scheduler, SimProcess process, TimerCallback callback, object? state)
    : ITimer
{
    private long? due;
    private TimeSpan period = Timeout.InfiniteTimeSpan;

    public void Set(TimeSpan delay)
    {
        due = scheduler.Now + Math.Max(0, delay.Ticks);
        scheduler.Enqueue(this, due.Value);
    }

    public bool IsSetFor(long at) => due == at;

    /// <summary>It is due: it rings in its process when that is chosen.</summary>
    public void Enqueue(long at) => scheduler.Enqueue(process, Ring, at);

    public bool Change(TimeSpan dueTime, TimeSpan every)
    {
        if (scheduler.IsEscape("a timer"))
            return false;
        period = every;
        due = null;
        if (dueTime != Timeout.InfiniteTimeSpan)
            Set(dueTime);
        return true;
    }

    public void Dispose() => due = null;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Ring(object? at)
    {
        if (due != (long)at!)
            return;
        due = null;
        if (period > TimeSpan.Zero)
            Set(period);
        callback(state);
    }
}
