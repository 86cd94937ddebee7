namespace RunnerScaler.Scaling;

/// <summary>How many standby pods a pool wants at a time of the week.</summary>
internal static class WarmSchedule
{
    /// <summary>The largest standby of the windows that are open at <paramref name="now"/>; the pool's own if none is.</summary>
    public static int Standby(WarmSettings warm, DateTimeOffset now)
    {
        int? scheduled = null;
        foreach (var window in warm.Schedules)
            if (IsOpen(window, now))
                scheduled = Math.Max(scheduled ?? 0, window.Standby);
        return scheduled ?? warm.Standby;
    }

    /// <summary>
    /// When the standby may change next: the first opening or closing of a window after <paramref name="now"/>. Null if there
    /// is no window.
    /// </summary>
    public static DateTimeOffset? NextChange(WarmSettings warm, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var window in warm.Schedules)
            foreach (var edge in Edges(window, now))
                if (edge > now && (next is null || edge < next))
                    next = edge;
        return next;
    }

    private static bool IsOpen(WarmWindow window, DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, window.Zone);
        var time = TimeOnly.FromDateTime(local.DateTime);
        var overnight = window.To <= window.From;
        if (time >= window.From)
            return OpensOn(window, local.DayOfWeek) && (overnight || time < window.To);
        return overnight && time < window.To && OpensOn(window, local.AddDays(-1).DayOfWeek);
    }

    private static bool OpensOn(WarmWindow window, DayOfWeek day) => window.Days.IsEmpty || window.Days.Contains(day);

    private static IEnumerable<DateTimeOffset> Edges(WarmWindow window, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, window.Zone).DateTime);
        for (var day = -1; day <= 7; day++)
        {
            yield return ToInstant(today.AddDays(day).ToDateTime(window.From), window.Zone);
            yield return ToInstant(today.AddDays(day).ToDateTime(window.To), window.Zone);
        }
    }

    // A time that the clock skips in spring is taken an hour later, when the clock shows it again.
    private static DateTimeOffset ToInstant(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
            local = local.AddHours(1);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }
}
