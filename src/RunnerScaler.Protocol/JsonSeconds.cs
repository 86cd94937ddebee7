using System.Text.Json;

namespace RunnerScaler.Protocol;

/// <summary>Spans of time in JSON: numbers of seconds, to the millisecond, from none to the longest job.</summary>
internal static class JsonSeconds
{
    /// <summary>GitHub ends a job that takes longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(5);

    /// <summary>The year 2200: what is later was written by no clock.</summary>
    private const double Latest = 7_258_118_400;

    public static bool IsTold(TimeSpan time) => time >= TimeSpan.Zero && time <= Longest;

    public static void Write(Utf8JsonWriter json, string name, TimeSpan time) =>
        json.WriteNumber(name, Math.Round(time.TotalSeconds, 3));

    /// <returns>Null for what is no such number.</returns>
    public static TimeSpan? Read(JsonElement element, string name) =>
        TolerantJson.Number(element, name) is { } seconds && seconds >= 0 && seconds <= Longest.TotalSeconds
            ? TimeSpan.FromMilliseconds(Math.Round(seconds * 1000))
            : null;

    /// <summary>A time, as seconds since 1970.</summary>
    public static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteNumber(name, time.ToUnixTimeMilliseconds() / 1000m);

    /// <returns>Null for what is no such time.</returns>
    public static DateTimeOffset? ReadTime(JsonElement element, string name) =>
        TolerantJson.Number(element, name) is { } seconds && seconds >= 0 && seconds <= Latest
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000))
            : null;
}
