using System.Globalization;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>
/// Times such as <c>90s</c>, <c>10m</c>, <c>1h30m</c>: hours, minutes, seconds, each at most once and in this order.
/// </summary>
internal static class DurationText
{
    /// <summary>More digits than any deadline needs, and few enough that no sum overflows.</summary>
    private const int MostDigits = 6;

    public static bool TryRead(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        var rest = text.AsSpan();
        foreach (var (unit, length) in Units)
        {
            var end = rest.IndexOf(unit);
            if (end < 0)
                continue;
            if (end is 0 or > MostDigits
                || !int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;
            time += number * length;
            rest = rest[(end + 1)..];
        }
        return rest.IsEmpty && text.Length > 0;
    }

    public static string Write(TimeSpan time)
    {
        var hours = (int)time.TotalHours;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Part(hours, 'h')}{Part(time.Minutes, 'm')}{Part(time.Seconds, 's')}");
        return text.Length == 0 ? "0s" : text;
    }

    private static readonly (char Unit, TimeSpan Length)[] Units =
        [('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    private static string Part(int number, char unit) =>
        number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
}
