using System.Globalization;
using System.Text.RegularExpressions;

namespace RunnerScaler.Hosting;

/// <summary>
/// Spans of time as people write them: <c>250ms</c>, <c>30s</c>, <c>1h30m</c>, <c>2d</c>, or <c>00:00:30</c>.
/// </summary>
internal static partial class Duration
{
    /// <summary>A bare number is none: it is not clear what it counts.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out time);
        if (text == "0")
            return true;
        if (!Units().IsMatch(text))
            return false;
        foreach (Match part in Unit().Matches(text))
        {
            if (!int.TryParse(part.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return false;
            time += count * UnitOf(part.Groups[2].Value);
        }
        return true;
    }

    public static string Format(TimeSpan time)
    {
        if (time <= TimeSpan.Zero || time.Ticks % TimeSpan.TicksPerMillisecond != 0)
            return time == TimeSpan.Zero ? "0" : time.ToString("c", CultureInfo.InvariantCulture);
        (int Count, string Unit)[] parts =
        [
            (time.Days, "d"), (time.Hours, "h"), (time.Minutes, "m"), (time.Seconds, "s"), (time.Milliseconds, "ms"),
        ];
        return string.Concat(parts.Where(part => part.Count > 0).Select(part => $"{part.Count}{part.Unit}"));
    }

    private static TimeSpan UnitOf(string unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    [GeneratedRegex("^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?(?<=.)\\z")]
    private static partial Regex Units();

    [GeneratedRegex("([0-9]+)(ms|[dhms])")]
    private static partial Regex Unit();
}
