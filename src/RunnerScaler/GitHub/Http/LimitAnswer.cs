using System.Globalization;
using System.Net;

namespace RunnerScaler.GitHub.Http;

/// <summary>What an answer says of GitHub's limits.</summary>
/// <param name="Primary">The hourly limit of a resource is used up; else it is a secondary one, of all
/// requests.</param>
/// <param name="Until">When to ask again: within an hour.</param>
internal sealed record LimitAnswer(bool Primary, DateTimeOffset Until)
{
    /// <summary>No limit of GitHub's lasts longer; whoever says otherwise is not believed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Unsaid = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestUnsaid = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Reads a 403 or 429 by status and headers, as
    /// <see href="https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately">GitHub
    /// asks</see>: wait for <c>retry-after</c>, else until the reset if nothing remains, else for a minute, doubled
    /// each time. Null if the answer is no limit: a plain 403 is a missing permission. Times are taken by the clock of
    /// whoever told them; headers that make no sense count as absent.
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
            return new(used, now + Within(retry, Least, Longest));
        if (used && UntilReset(response, now) is { } reset)
            return new(true, now + Within(reset + Least, Doubled(Least, streak), Longest));
        if (response.StatusCode != HttpStatusCode.TooManyRequests && !SpeaksOfLimit(body))
            return null;
        return new(used, now + Doubled(Unsaid, streak));
    }

    /// <summary>The number in a header; null if it is absent or none.</summary>
    public static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>How long it is until the limits are filled up: up to an hour; null if the answer does not
    /// say.</summary>
    public static TimeSpan? UntilReset(HttpResponseMessage response, DateTimeOffset now)
    {
        if (Number(response, "x-ratelimit-reset") is not { } reset)
            return null;
        var seconds = reset - (double)(response.Headers.Date ?? now).ToUnixTimeSeconds();
        return TimeSpan.FromSeconds(Math.Clamp(seconds, -Longest.TotalSeconds, Longest.TotalSeconds));
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - (response.Headers.Date ?? now),
            _ when response.Headers.TryGetValues("retry-after", out var said)
                && said.First() is { Length: > 0 } text
                && text.All(char.IsAsciiDigit) => Longest,
            _ => null,
        };

    private static TimeSpan Doubled(TimeSpan first, int streak) =>
        TimeSpan.FromTicks(Math.Min(LongestUnsaid.Ticks, first.Ticks << Math.Clamp(streak, 0, 10)));

    private static TimeSpan Within(TimeSpan time, TimeSpan least, TimeSpan most) =>
        time < least ? least : time > most ? most : time;

    private static bool SpeaksOfLimit(string body) =>
        body.Contains("rate limit", StringComparison.OrdinalIgnoreCase)
        || body.Contains("abuse detection", StringComparison.OrdinalIgnoreCase)
        || body.Contains("login attempts exceeded", StringComparison.OrdinalIgnoreCase);
}
