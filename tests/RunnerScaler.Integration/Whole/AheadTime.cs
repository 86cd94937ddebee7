namespace RunnerScaler.Integration.Whole;

/// <summary>The system's clock, which can be put forward. Timers and stamps are not concerned.</summary>
internal sealed class AheadTime : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
