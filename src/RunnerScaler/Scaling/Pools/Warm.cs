using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Pools;

/// <summary>Runners that are kept ready without a job.</summary>
/// <param name="Standby">Pods that are ready but not registered, outside all <paramref name="Schedules"/>.</param>
/// <param name="Idle">Runners that are registered and wait at GitHub.</param>
/// <param name="Schedules">Windows with a standby of their own; where several hold, the largest counts.</param>
internal sealed record WarmSettings(int Standby, int Idle, ImmutableArray<WarmWindow> Schedules)
{
    public static readonly WarmSettings None = new(0, 0, []);
}

/// <summary>
/// A weekly window in a time zone's own time, from <paramref name="From"/> up to but without <paramref name="To"/>.
/// </summary>
/// <param name="Days">The days on which the window opens; empty means every day.</param>
/// <param name="From">Local opening time.</param>
/// <param name="To">Local closing time; at or before <paramref name="From"/> means on the next day.</param>
/// <param name="Zone">The zone whose clock is meant, daylight saving included.</param>
/// <param name="Standby">The number of standby pods inside the window.</param>
internal sealed record WarmWindow(
    ImmutableArray<DayOfWeek> Days, TimeOnly From, TimeOnly To, TimeZoneInfo Zone, int Standby);
