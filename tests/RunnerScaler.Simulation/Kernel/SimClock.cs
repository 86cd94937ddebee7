namespace RunnerScaler.Simulation.Kernel;

/// <summary>A process's clock: the monotonic one is the world's, the wall clock may be ahead or behind.</summary>
internal sealed class SimClock(SimScheduler scheduler, SimProcess process, TimeSpan skew) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        scheduler.IsEscape("a look at the clock");
        return SimScheduler.Epoch + scheduler.Elapsed + skew;
    }

    public override long GetTimestamp()
    {
        scheduler.IsEscape("a time stamp");
        return scheduler.Now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
