using System.Globalization;
using System.Text.RegularExpressions;

namespace RunnerImage.Engine;

/// <summary>Times as docker's filters say them: a duration before now, a date, or seconds since 1970.</summary>
internal static partial class PointInTime
{
    private static readonly string[] Dates =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH",
        "yyyy-MM-dd",
    ];

    /// <param name="text">Such as <c>24h</c>, <c>1h30m</c>, <c>2026-11-01</c>, <c>2026-11-01T10:00:00Z</c> or
    /// <c>1700000000</c>.</param>
    /// <param name="now">The time now.</param>
    /// <returns>Null if it is none.</returns>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (Duration().Match(text) is { Success: true } duration)
            return Before(now, duration.Groups[1].Captures.Sum(c => Seconds(c.Value)));
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return Before(DateTimeOffset.UnixEpoch, -seconds);
        return DateTimeOffset.TryParseExact(
            text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
                ? date
                : null;
    }

    private static DateTimeOffset Before(DateTimeOffset time, double seconds) =>
        Math.Abs(seconds) > TimeSpan.FromDays(365 * 1000).TotalSeconds
            ? DateTimeOffset.MinValue
            : time - TimeSpan.FromSeconds(seconds);

    private static double Seconds(string part)
    {
        var unit = part.TrimStart("0123456789.".ToCharArray());
        return double.Parse(part[..^unit.Length], CultureInfo.InvariantCulture) * unit switch
        {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            "ms" => 1e-3,
            "us" or "\u00b5s" => 1e-6,
            _ => 1e-9,
        };
    }

    [GeneratedRegex(@"^((?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|\u00b5s|ns))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
