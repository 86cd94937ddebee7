namespace RunnerScaler.Tests.Scaling;

/// <summary>Time zones made here, so that no test depends on what the machine has installed.</summary>
internal static class Clocks
{
    /// <summary>
    /// UTC+1; from the last Sunday of March, 2:00, to the last Sunday of October, 3:00, an hour more.
    /// </summary>
    public static readonly TimeZoneInfo Zurich = Zone("Zurich", TimeSpan.FromHours(1), TimeSpan.FromHours(1), 3, 10);

    /// <summary>A clock that is moved by half an hour, in the south.</summary>
    public static readonly TimeZoneInfo LordHowe = Zone("Lord Howe", TimeSpan.FromHours(10.5), TimeSpan.FromHours(0.5), 10, 4);

    private static TimeZoneInfo Zone(string name, TimeSpan offset, TimeSpan delta, int fromMonth, int toMonth)
    {
        var start = TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), fromMonth, 5, DayOfWeek.Sunday);
        var end = TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), toMonth, 5, DayOfWeek.Sunday);
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, delta, start, end);
        return TimeZoneInfo.CreateCustomTimeZone(name, offset, name, name, name, [rule]);
    }
}
