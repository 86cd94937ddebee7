using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Web.Webhooks;

/// <summary>Has a repository read at once, because something happened there.</summary>
internal delegate HintResult TakeHint(RepositoryKey repository);

/// <summary>Reads a delivery whose signature was checked: its event's name, and its payload. Never throws.</summary>
internal delegate WebhookReading ReadWebhook(string name, ReadOnlyMemory<byte> payload);

/// <summary>Makes deliveries whose signature was checked hints where to look, each of them once.</summary>
internal sealed class WebhookHints(RecentDeliveries recent, ReadWebhook read, TakeHint take)
{
    /// <summary>What becomes of a delivery here; it may come again if this replica does not lead.</summary>
    public WebhookResult Take(IHeaderDictionary headers, byte[] body)
    {
        var id = IdOf(headers);
        if (recent.Has(id))
            return WebhookResult.Duplicate;
        var (result, repository) = read(headers[WebhookHeaders.Event].ToString(), body);
        if (repository is { } there)
            result = take(there) switch
            {
                HintResult.Taken => WebhookResult.Taken,
                HintResult.Unknown => WebhookResult.UnknownRepository,
                _ => WebhookResult.NotLeading,
            };
        if (result != WebhookResult.NotLeading)
            recent.Add(id);
        return result;
    }

    /// <summary>Another replica took it.</summary>
    public void Passed(IHeaderDictionary headers) => recent.Add(IdOf(headers));

    private static string IdOf(IHeaderDictionary headers) => headers[WebhookHeaders.Delivery].ToString();
}
