using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Reads <c>spec.warm</c>.</summary>
internal static class WarmReader
{
    private const int MostSchedules = 50;
    private const string TimeFormat = "HH:mm";

    private static readonly Dictionary<string, DayOfWeek> Days = new(StringComparer.Ordinal)
    {
        ["Mon"] = DayOfWeek.Monday,
        ["Tue"] = DayOfWeek.Tuesday,
        ["Wed"] = DayOfWeek.Wednesday,
        ["Thu"] = DayOfWeek.Thursday,
        ["Fri"] = DayOfWeek.Friday,
        ["Sat"] = DayOfWeek.Saturday,
        ["Sun"] = DayOfWeek.Sunday,
    };

    /// <param name="warm">The place.</param>
    /// <param name="most">The pool's <c>maxRunners</c>, which no reserve may exceed.</param>
    public static WarmSettings Read(SpecNode warm, int most) => warm.Object(w =>
    {
        var standby = w.At("standby").Whole(0, int.MaxValue, 0);
        var idle = w.At("idle").Whole(0, int.MaxValue, 0);
        if ((long)standby + idle > most)
            w.Fail(
                $"asks for {standby} standby and {idle} idle runners, but spec.limits.maxRunners is {most}: set less, "
                    + "or raise it");
        var schedules = w.At("schedules").Items(0, MostSchedules);
        return new WarmSettings(standby, idle, [.. schedules.Select(s => s.Object(x => ReadWindow(x, idle, most)))]);
    });

    private static WarmWindow ReadWindow(SpecNode window, int idle, int most)
    {
        var days = window.At("days").Items(0, Days.Count).Select(d => d.Word(Days.Keys)).Where(d => d.Length > 0);
        var standby = window.At("standby").Whole(0, int.MaxValue);
        if ((long)standby + idle > most)
            window.At("standby").Fail(
                $"is {standby}, and with {idle} idle that is more than spec.limits.maxRunners, {most}: set less, "
                    + "or raise it");
        return new WarmWindow(
            [.. days.Distinct().Select(d => Days[d])],
            ReadTime(window.At("from")),
            ReadTime(window.At("to")),
            ReadZone(window.At("timeZone")),
            standby);
    }

    private static TimeOnly ReadTime(SpecNode time)
    {
        var read = TimeOnly.MinValue;
        time.Text(
            "a time of day from 00:00 to 23:59",
            t => TimeOnly.TryParseExact(t, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out read));
        return read;
    }

    private static TimeZoneInfo ReadZone(SpecNode zone)
    {
        var read = TimeZoneInfo.Utc;
        zone.Text(
            "a name of the IANA time zone database, such as Europe/Zurich",
            z => z == "UTC" || TimeZoneInfo.TryFindSystemTimeZoneById(z, out read!),
            "UTC");
        return read ?? TimeZoneInfo.Utc;
    }
}
