using System.Globalization;
using System.Text.RegularExpressions;

namespace RunnerScaler.Protocol;

/// <summary>
/// Spans of time as people write them, in options and in pools: <c>250ms</c>, <c>30s</c>, <c>1h30m</c>, <c>2d</c>, or
/// <c>00:00:30</c>.
/// </summary>
internal static partial class Duration
{
    /// <summary>What a number of each group of <see cref="Units"/> counts.</summary>
    private static readonly TimeSpan[] Lengths =
    [
        TimeSpan.FromDays(1), TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1),
        TimeSpan.FromMilliseconds(1),
    ];

    /// <summary>A bare number is none: it is not clear what it counts.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out time);
        if (text == "0")
            return true;
        if (Units().Match(text) is not { Success: true } match)
            return false;
        for (var i = 0; i < Lengths.Length; i++)
            if (match.Groups[i + 1] is { Success: true } number)
                time += int.Parse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) * Lengths[i];
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

    // More digits than anybody needs, and few enough that no sum overflows.
    [GeneratedRegex(
        "^(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?(?:([0-9]{1,6})ms)?(?<=.)\\z")]
    private static partial Regex Units();
}
