using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Planning;

/// <summary>How many standby pods a pool wants at a time of the week.</summary>
internal static class WarmSchedule
{
    /// <summary>
    /// A weekly window may lie in the hour that the clock skips in spring, and not open that week.
    /// </summary>
    private const int TwoWeeks = 14;

    /// <summary>
    /// The largest standby of the windows that are open at <paramref name="now"/>; the pool's own if none is.
    /// </summary>
    public static int Standby(WarmSettings warm, DateTimeOffset now)
    {
        int? scheduled = null;
        foreach (var window in warm.Schedules)
            if (IsOpen(window, now))
                scheduled = Math.Max(scheduled ?? 0, window.Standby);
        return scheduled ?? warm.Standby;
    }

    /// <summary>
    /// When the standby may change next: the first opening or closing of a window after <paramref name="now"/>. Null if
    /// there is no window.
    /// </summary>
    public static DateTimeOffset? NextChange(WarmSettings warm, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var window in warm.Schedules)
            foreach (var (from, to) in Openings(window, now, TwoWeeks))
                if ((from > now ? from : to) is var edge && edge > now && (next is null || edge < next))
                    next = edge;
        return next;
    }

    private static bool IsOpen(WarmWindow window, DateTimeOffset now) =>
        Openings(window, now, 0).Any(o => o.From <= now && now < o.To);

    /// <summary>When the window is open, from yesterday's opening to that of so many days ahead.</summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Openings(
        WarmWindow window, DateTimeOffset now, int ahead)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, window.Zone).DateTime);
        for (var day = -1; day <= ahead; day++)
        {
            var opens = today.AddDays(day);
            if (!window.Days.IsEmpty && !window.Days.Contains(opens.DayOfWeek))
                continue;
            var closes = window.To <= window.From ? opens.AddDays(1) : opens;
            var (from, to) = (ToInstant(opens, window.From, window.Zone), ToInstant(closes, window.To, window.Zone));
            if (from < to)
                yield return (from, to);
        }
    }

    // A time that the clock skips in spring is taken an hour later; one that it shows twice in autumn, the second time.
    private static DateTimeOffset ToInstant(DateOnly day, TimeOnly time, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(time);
        if (zone.IsInvalidTime(local))
            local = local.AddHours(1);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }
}
