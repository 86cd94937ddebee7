using System.Globalization;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// The log of what an App's webhook was told
/// (https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook). All of it was received.
/// </summary>
internal static class HookRoutes
{
    private const string CursorPrefix = "v1_";

    public static void Add(ApiRoutes routes) => routes.Get("/app/hook/deliveries", List);

    private static ApiAnswer List(ApiCall call)
    {
        var installations = call.Organization.Credentials.InstallationsOf(call.App());
        var log = call.Organization.LoggedDeliveries() ?? throw GitHubRefusal.NotFound();
        var from = From(call.Query("cursor"));
        var shown = call.Query("status") switch
        {
            null or "success" => log.Where(d => d.Id <= from).ToList(),
            "failure" => [],
            var other => throw new GitHubRefusal(422, $"'{other}' is no status of a delivery."),
        };
        var paging = call.Paging();
        var page = paging.Cut(shown).ToList();
        return ApiAnswer.Ok(json => json.WriteArray(page, d => Write(json, d, InstallationOf(d)))) with
        {
            Link = page.Count < shown.Count ? paging.LinkTo($"{CursorPrefix}{shown[page.Count].Id}") : null,
        };

        Installation? InstallationOf(LoggedDelivery entry) =>
            call.Organization.FindRepository(entry.Delivery.Job.RepositoryId) is { } repository
                ? installations.FirstOrDefault(i => i.Covers(repository))
                : null;
    }

    /// <exception cref="GitHubRefusal">422: no cursor of ours.</exception>
    private static long From(string? cursor)
    {
        if (cursor is null) return long.MaxValue;
        return cursor.StartsWith(CursorPrefix, StringComparison.Ordinal)
            && long.TryParse(
                cursor.AsSpan(CursorPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new GitHubRefusal(422, $"'{cursor}' is no cursor.");
    }

    private static void Write(Utf8JsonWriter json, LoggedDelivery entry, Installation? installation)
    {
        json.WriteStartObject();
        json.WriteNumber("id", entry.Id);
        json.WriteString("guid", entry.Delivery.Guid);
        json.WriteTime("delivered_at", entry.At);
        json.WriteBoolean("redelivery", entry.Again);
        json.WriteNumber("duration", 0.03);
        json.WriteString("status", "OK");
        json.WriteNumber("status_code", StatusCodes.Status200OK);
        json.WriteString("event", "workflow_job");
        json.WriteString("action", entry.Delivery.Action);
        json.WritePropertyName("installation_id");
        if (installation is null) json.WriteNullValue();
        else json.WriteNumberValue(installation.Id);
        json.WriteNumber("repository_id", entry.Delivery.Job.RepositoryId);
        json.WriteNull("throttled_at");
        json.WriteEndObject();
    }
}
