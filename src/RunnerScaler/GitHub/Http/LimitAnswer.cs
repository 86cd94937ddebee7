using System.Globalization;
using System.Net;

namespace RunnerScaler.GitHub.Http;

/// <summary>What an answer says of GitHub's limits.</summary>
/// <param name="Primary">The hourly limit is used up; else it is a secondary one.</param>
/// <param name="Until">When to ask again.</param>
internal sealed record LimitAnswer(bool Primary, DateTimeOffset Until)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Reads a 403 or 429 by status and headers, as
    /// <see href="https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately">GitHub
    /// asks</see>: wait for <c>retry-after</c>, else until the reset if nothing remains, else for a minute, doubled
    /// each time. Null if the answer is no limit: a plain 403 is a missing permission.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="body">Its body, to tell a 403 of a secondary limit without headers from a missing
    /// permission.</param>
    /// <param name="streak">How many such answers came in a row before this one.</param>
    /// <param name="now">The present.</param>
    public static LimitAnswer? Read(HttpResponseMessage response, string body, int streak, DateTimeOffset now)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
            return null;
        var used = Number(response, "x-ratelimit-remaining") == 0;
        if (RetryAfter(response, now) is { } retry)
            return new(used, retry);
        if (used && Number(response, "x-ratelimit-reset") is { } reset)
            return new(true, Later(DateTimeOffset.FromUnixTimeSeconds(reset), now) + TimeSpan.FromSeconds(1));
        if (response.StatusCode != HttpStatusCode.TooManyRequests && !SpeaksOfLimit(body))
            return null;
        return new(used, now + TimeSpan.FromTicks(Math.Min(Longest.Ticks, Shortest.Ticks << Math.Clamp(streak, 0, 8))));
    }

    /// <summary>The number in a header; null if it is absent or none.</summary>
    public static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static DateTimeOffset? RetryAfter(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => now + (delta < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : delta),
            { Date: { } date } => Later(date, now),
            _ => null,
        };

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static bool SpeaksOfLimit(string body) =>
        body.Contains("rate limit", StringComparison.OrdinalIgnoreCase)
        || body.Contains("abuse detection", StringComparison.OrdinalIgnoreCase);
}
