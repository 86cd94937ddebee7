namespace RunnerScaler.GitHub.Http;

/// <summary>What GitHub last said of one hourly limit.</summary>
internal readonly record struct Quota(int Limit, int Remaining, DateTimeOffset Reset)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Two resets as far apart as this are told of one window: each is as exact as the answer's
    /// date.</summary>
    private static readonly TimeSpan Blur = TimeSpan.FromSeconds(30);

    /// <summary>Reads the headers of an answer; null if it has none, or none that make sense.</summary>
    public static Quota? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (LimitAnswer.Number(response, "x-ratelimit-limit") is not ({ } limit and > 0 and <= int.MaxValue)
            || LimitAnswer.Number(response, "x-ratelimit-remaining") is not { } remaining
            || LimitAnswer.UntilReset(response, now) is not { } reset)
            return null;
        return new((int)limit, (int)Math.Min(limit, remaining), now + reset);
    }

    /// <summary>The later of two readings that may have come out of order: within one window less remains.</summary>
    public Quota With(Quota other)
    {
        if ((other.Reset - Reset).Duration() > Blur)
            return other.Reset > Reset ? other : this;
        return other.Remaining < Remaining ? other : this;
    }

    /// <summary>The window has ended: the limit is full again.</summary>
    public bool IsOver(DateTimeOffset now) => now >= Reset;

    /// <summary>
    /// What reading must leave: the share of others, and what registrations need. However low a server's limit is, half
    /// of the share is there to read with.
    /// </summary>
    public double Floor(GitHubOptions options) =>
        Math.Round((1 - options.ReadShare) * Limit)
        + Math.Min(options.RegistrationReserve(Limit), options.ReadShare * Limit / 2);

    /// <summary>Requests in an hour that are there to read with.</summary>
    public int ForReading(GitHubOptions options) => (int)Math.Max(0, Limit - Floor(options));

    /// <summary>
    /// By how much to stretch the periods of reading, from 1 to 20: more than 1 as soon as less of the budget is left
    /// than of the hour.
    /// </summary>
    public double Stretch(GitHubOptions options, DateTimeOffset now)
    {
        if (IsOver(now) || Limit <= 0)
            return 1;
        var floor = Floor(options);
        var budgetLeft = (Remaining - floor) / Math.Max(1, Limit - floor);
        var timeLeft = (Reset - now) / Window;
        if (budgetLeft <= 0)
            return 20;
        var overspent = timeLeft / budgetLeft;
        return Math.Clamp(overspent * overspent, 1, 20);
    }
}
