using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>How much of the hourly budget a caller has used.</summary>
internal readonly record struct Budget(int Limit, int Used, DateTimeOffset ResetsAt)
{
    public int Remaining => Math.Max(0, Limit - Used);
}

/// <summary>The hourly budget and the secondary limits of each caller. Members may be called from any thread.</summary>
internal sealed class RateLimits(TimeProvider clock, RestLimits limits)
{
    public const string Core = "core";
    public const string Registrations = "actions_runner_registration";

    private const int RegistrationsOfTheirOwn = 10_000;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Use> _uses = [];

    /// <summary>The status that a caller over the secondary limits gets.</summary>
    public int SecondaryStatus => limits.SecondaryStatus;

    /// <summary>What the requests of a route are counted under.</summary>
    public string ResourceOf(string route) =>
        limits.RegistrationsPerHour is not null && route.EndsWith("/generate-jitconfig", StringComparison.Ordinal)
            ? Registrations
            : Core;

    /// <summary>The budget now; a request that costs adds one to what is used.</summary>
    public Budget Charge(Caller caller, int cost, string resource = Core)
    {
        lock (_gate)
        {
            var use = UseOf(caller);
            use.Counted[resource] = use.Counted.GetValueOrDefault(resource) + cost;
            return BudgetOf(caller, use, resource);
        }
    }

    /// <summary>
    /// Lets a request in, or says for how long to stay away. A request that was let in must <see cref="Leave"/>.
    /// </summary>
    public TimeSpan? Enter(Caller caller, int points)
    {
        lock (_gate)
        {
            var use = UseOf(caller);
            if (use.Concurrent >= limits.Concurrent) return Minute;
            if (use.Points + points > limits.PointsPerMinute) return use.MinuteStart + Minute - clock.GetUtcNow();
            use.Concurrent++;
            use.Points += points;
            return null;
        }
    }

    public void Leave(Caller caller)
    {
        lock (_gate) UseOf(caller).Concurrent--;
    }

    private Use UseOf(Caller caller)
    {
        var now = clock.GetUtcNow();
        if (!_uses.TryGetValue(caller.Key, out var use))
            _uses.Add(caller.Key, use = new Use { HourStart = now, MinuteStart = now });
        if (now >= use.HourStart + Hour)
        {
            use.HourStart = now;
            use.Counted.Clear();
        }

        if (now >= use.MinuteStart + Minute) (use.MinuteStart, use.Points) = (now, 0);
        return use;
    }

    private Budget BudgetOf(Caller caller, Use use, string resource) => new(
        resource == Registrations ? limits.RegistrationsPerHour ?? RegistrationsOfTheirOwn
            : caller.Kind == CallerKind.Anonymous ? limits.AnonymousPerHour
            : limits.CorePerHour,
        use.Counted.GetValueOrDefault(resource),
        use.HourStart + Hour);

    private sealed class Use
    {
        public DateTimeOffset HourStart { get; set; }

        public Dictionary<string, int> Counted { get; } = [];

        public DateTimeOffset MinuteStart { get; set; }

        public int Points { get; set; }

        public int Concurrent { get; set; }
    }
}
