namespace RunnerScaler.Sandbox.GitHub;

/// <summary>What goes wrong on a delivery's way to its webhook. Shares are from 0 to 1.</summary>
internal sealed record WebhookFaults
{
    /// <summary>The usual time to be told.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(0.3);

    /// <summary>The share that never arrives.</summary>
    public double Lost { get; init; }

    /// <summary>The share that arrives twice.</summary>
    public double Twice { get; init; }

    /// <summary>The share that is late, by up to <see cref="LateBy"/>: others overtake it.</summary>
    public double Late { get; init; }

    public TimeSpan LateBy { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long each sending of one delivery takes; none if it is lost.</summary>
    public IReadOnlyList<TimeSpan> Draw(Random random)
    {
        if (random.NextDouble() < Lost)
            return [];
        TimeSpan Way() => (Usual * random.NextDouble())
            + (random.NextDouble() < Late ? LateBy * random.NextDouble() : TimeSpan.Zero);
        return random.NextDouble() < Twice ? [Way(), Way()] : [Way()];
    }
}
