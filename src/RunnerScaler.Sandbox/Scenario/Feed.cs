using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Sandbox.Scenario;

/// <summary>How the controller learns that it is worth looking at the queue.</summary>
internal enum Feed
{
    /// <summary>It looks again and again.</summary>
    Poll,

    /// <summary>It reads the log of what GitHub told a webhook that nobody hears, too.</summary>
    Deliveries,

    /// <summary>GitHub tells it, too.</summary>
    Webhooks,

    /// <summary>It listens to a runner scale set, and reads no queue.</summary>
    ScaleSet,
}

/// <param name="Kind">How the controller learns of jobs.</param>
/// <param name="Faults">What goes wrong on the way of webhooks, or into their log.</param>
internal sealed record FeedSettings(Feed Kind, WebhookFaults Faults);
