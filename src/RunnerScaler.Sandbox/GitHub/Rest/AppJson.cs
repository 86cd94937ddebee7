using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>GitHub's <c>integration</c>, <c>installation</c> and <c>installation-token</c>.</summary>
internal static class AppJson
{
    public static void WriteApp(this Utf8JsonWriter json, GitHubApp app, int installations, Links links)
    {
        json.WriteStartObject();
        json.WriteNumber("id", app.Id);
        json.WriteString("slug", app.Slug);
        json.WriteString("client_id", app.ClientId);
        json.WriteNodeId("A", app.Id);
        json.WritePropertyName("owner");
        json.WriteAccount(app.Owner, links);
        json.WriteString("name", app.Slug);
        json.WriteNull("description");
        json.WriteString("external_url", links.Site);
        json.WriteString("html_url", $"{links.Site}/apps/{app.Slug}");
        json.WriteTime("created_at", app.CreatedAt);
        json.WriteTime("updated_at", app.CreatedAt);
        json.WriteMap("permissions", app.Permissions);
        json.WriteArray("events", Events, json.WriteStringValue);
        json.WriteNumber("installations_count", installations);
        json.WriteEndObject();
    }

    public static void WriteInstallation(this Utf8JsonWriter json, Installation installation, Links links)
    {
        json.WriteStartObject();
        json.WriteNumber("id", installation.Id);
        json.WriteString("client_id", installation.App.ClientId);
        json.WritePropertyName("account");
        json.WriteAccount(installation.Account, links);
        json.WriteString("repository_selection", Selection(installation));
        json.WriteString("access_tokens_url", $"{links.Api}/app/installations/{installation.Id}/access_tokens");
        json.WriteString("repositories_url", $"{links.Api}/installation/repositories");
        json.WriteString("html_url", $"{links.Site}/settings/installations/{installation.Id}");
        json.WriteNumber("app_id", installation.App.Id);
        json.WriteString("app_slug", installation.App.Slug);
        json.WriteNumber("target_id", installation.Account.Id);
        json.WriteString(
            "target_type", installation.Account.Kind == AccountKind.User ? "User" : "Organization");
        json.WriteMap("permissions", installation.Permissions);
        json.WriteArray("events", Events, json.WriteStringValue);
        json.WriteTime("created_at", installation.CreatedAt);
        json.WriteTime("updated_at", installation.CreatedAt);
        json.WriteNull("single_file_name");
        json.WriteBoolean("has_multiple_single_files", false);
        json.WriteArray<string>("single_file_paths", [], json.WriteStringValue);
        json.WriteNull("suspended_by");
        if (installation.SuspendedAt is { } suspended) json.WriteTime("suspended_at", suspended);
        else json.WriteNull("suspended_at");
        json.WriteEndObject();
    }

    public static void WriteToken(this Utf8JsonWriter json, InstallationToken token)
    {
        json.WriteStartObject();
        json.WriteString("token", token.Token);
        json.WriteTime("expires_at", token.ExpiresAt);
        json.WriteMap("permissions", token.Grant.Permissions);
        json.WriteString("repository_selection", Selection(token.Grant));
        json.WriteEndObject();
    }

    public static string Selection(Installation installation) =>
        installation.Repositories is null ? "all" : "selected";

    private static readonly string[] Events = ["workflow_job"];
}
