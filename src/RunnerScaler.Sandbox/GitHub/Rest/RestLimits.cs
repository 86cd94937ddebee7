namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// GitHub's limits on callers
/// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
/// </summary>
internal sealed record RestLimits
{
    /// <summary>Requests per hour of an installation, a user or an app.</summary>
    public int CorePerHour { get; init; } = 5000;

    /// <summary>
    /// Registrations per hour, where they are counted under a resource of their own; null: they count as the rest.
    /// </summary>
    public int? RegistrationsPerHour { get; init; }

    /// <summary>Requests per hour without a credential.</summary>
    public int AnonymousPerHour { get; init; } = 60;

    /// <summary>Requests of one caller at the same time.</summary>
    public int Concurrent { get; init; } = 100;

    /// <summary>Points of one caller per minute: 1 for GET and HEAD, 5 for the others.</summary>
    public int PointsPerMinute { get; init; } = 900;

    /// <summary>The status of a refusal by the secondary limits: 403 or 429; GitHub uses both.</summary>
    public int SecondaryStatus { get; init; } = 403;
}
