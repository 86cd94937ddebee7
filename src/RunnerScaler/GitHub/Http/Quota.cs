namespace RunnerScaler.GitHub.Http;

/// <summary>What GitHub last said of one hourly limit.</summary>
internal readonly record struct Quota(int Limit, int Remaining, DateTimeOffset Reset)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>The later of two readings that may have come out of order: within one window less remains.</summary>
    public Quota With(Quota other)
    {
        if (other.Reset != Reset)
            return other.Reset > Reset ? other : this;
        return other.Remaining < Remaining ? other : this;
    }

    /// <summary>The window has ended: the limit is full again.</summary>
    public bool IsOver(DateTimeOffset now) => now >= Reset;

    /// <summary>What reading must leave: the share of others, and what registrations need.</summary>
    public double Floor(GitHubOptions options) =>
        Math.Round((1 - options.ReadShare) * Limit) + Math.Min(options.JitReserve, Limit / 10);

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
