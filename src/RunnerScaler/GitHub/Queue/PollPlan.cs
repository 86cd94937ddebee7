namespace RunnerScaler.GitHub.Queue;

/// <summary>How likely a repository is to have news.</summary>
internal enum Tier
{
    /// <summary>Runs are live there, or were a short time ago, or somebody pushed.</summary>
    Hot,

    /// <summary>The same, today.</summary>
    Warm,

    Cold,
}

/// <summary>
/// How often each tier is read: as often as the budget allows; when it does not suffice, all less often, hot ones by
/// the cube root of what the others are, until cold ones wait forty times as long. So a job in a cold repository of a
/// hundred is seen in seconds, and hundreds of cold ones do not slow the hot ones down much.
/// </summary>
/// <param name="Hot">The period of hot repositories.</param>
/// <param name="Warm">The period of warm ones.</param>
/// <param name="Cold">The period of cold ones.</param>
internal readonly record struct PollPlan(TimeSpan Hot, TimeSpan Warm, TimeSpan Cold)
{
    private const double Fastest = 0.01;
    private const double Slowest = 1_000;

    public TimeSpan this[Tier tier] => tier switch
    {
        Tier.Hot => Hot,
        Tier.Warm => Warm,
        _ => Cold,
    };

    /// <param name="options">The periods and the points per minute.</param>
    /// <param name="costs">Requests that one reading of each tier's repositories takes in all.</param>
    /// <param name="stretch">By how much the hourly limit asks to slow down: at least 1.</param>
    /// <param name="written">Points of the same limit that registrations have spent in the last minute.</param>
    public static PollPlan For(
        GitHubOptions options, IReadOnlyDictionary<Tier, double> costs, double stretch, double written = 0)
    {
        var share = options.MinuteLimit * options.PollShare;
        var perSecond = Math.Max(share - written, share / 3) / 60;
        double low = Fastest, high = Slowest;
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            if (At(options, middle).RequestsPerSecond(costs) > perSecond)
                low = middle;
            else
                high = middle;
        }
        var plan = At(options, high);
        return new(plan.Hot * stretch, plan.Warm * stretch, plan.Cold * stretch);
    }

    private static PollPlan At(GitHubOptions options, double factor) => new(
        Longer(options.HotPeriod * Math.Max(Math.Cbrt(factor), factor / 8), options.HotPeriod),
        Longer(options.WarmPeriod * factor, options.WarmMinimum),
        Longer(options.ColdPeriod * factor, options.ColdMinimum));

    private double RequestsPerSecond(IReadOnlyDictionary<Tier, double> costs)
    {
        var sum = 0.0;
        foreach (var (tier, cost) in costs)
            sum += cost / this[tier].TotalSeconds;
        return sum;
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
