namespace RunnerScaler.Web.Webhooks;

/// <summary>What GitHub sends
/// <see href="https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers">with a delivery</see>.
/// </summary>
internal static class WebhookHeaders
{
    public const string Delivery = "X-GitHub-Delivery";
    public const string Event = "X-GitHub-Event";
    public const string Signature = "X-Hub-Signature-256";

    public static readonly string[] All = [Delivery, Event, Signature];
}
