using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Webhooks;

/// <summary>
/// Reads a delivery of GitHub's webhook, whose signature was checked. It is taken for a hint where to look, and for
/// nothing more: what is missing, unknown or out of order does no harm.
/// </summary>
internal static class WebhookRule
{
    /// <summary>
    /// <see href="https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_job">The event</see> that tells
    /// of jobs.
    /// </summary>
    private const string JobEvent = "workflow_job";

    /// <summary>None of them awaits a runner. An action <c>queued</c> can come with each of them, too.</summary>
    private static readonly string[] Blocked = ["waiting", "pending", "requested"];

    /// <summary>Never throws.</summary>
    /// <param name="name">The event's name, as the header has it.</param>
    /// <param name="body">The payload.</param>
    public static WebhookReading Read(string name, ReadOnlyMemory<byte> body)
    {
        if (name == "ping")
            return new(WebhookResult.Ping);
        if (name != JobEvent)
            return new(WebhookResult.UnknownEvent);
        try
        {
            using var payload = JsonDocument.Parse(body);
            return Read(payload.RootElement);
        }
        catch (JsonException)
        {
            return new(WebhookResult.Unreadable);
        }
    }

    private static WebhookReading Read(JsonElement payload)
    {
        if (payload.Member("repository") is not { } named || RepositoryOf(named) is not { } repository)
            return new(WebhookResult.Unreadable);
        return Blocked.Contains(payload.Member("workflow_job")?.Text("status"), StringComparer.Ordinal)
            ? new(WebhookResult.NoNews)
            : new(WebhookResult.Taken, repository);
    }

    /// <summary>The server is the one that its page is at.</summary>
    private static RepositoryKey? RepositoryOf(JsonElement repository) =>
        repository.Text("full_name")?.Split('/') is [var owner, var name]
        && Scope.IsName(owner)
        && Scope.IsName(name)
        && Uri.TryCreate(repository.Text("html_url"), UriKind.Absolute, out var page)
        && (page.Scheme == Uri.UriSchemeHttps || page.Scheme == Uri.UriSchemeHttp)
            ? RepositoryKey.Of(page.GetLeftPart(UriPartial.Authority).ToLowerInvariant(), owner, name)
            : null;
}
