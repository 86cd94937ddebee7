namespace RunnerImage.Tests;

/// <summary>
/// The real clock with waits that are over sooner, and seem as long as asked for: a test of patience needs none.
/// </summary>
/// <param name="factor">How many times sooner.</param>
internal sealed class HurriedTime(double factor) : TimeProvider
{
    public override long TimestampFrequency => (long)(base.TimestampFrequency / factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime < TimeSpan.Zero ? dueTime : dueTime / factor, period);
}
