using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>GitHub's <c>runner</c> and <c>runner-groups-org</c>.</summary>
internal static class RunnerJson
{
    private static readonly HashSet<string> SystemLabels =
        new(StringComparer.OrdinalIgnoreCase) { "self-hosted", "linux", "windows", "macos", "x64", "arm", "arm64" };

    public static void WriteRunner(this Utf8JsonWriter json, Runner runner)
    {
        json.WriteStartObject();
        json.WriteNumber("id", runner.Id);
        json.WriteString("name", runner.Name);
        json.WriteString("os", runner.Os);
        json.WriteString("status", runner.Online ? "online" : "offline");
        json.WriteBoolean("busy", runner.Busy);
        json.WriteBoolean("ephemeral", true);
        json.WriteString("version", runner.Version);
        json.WriteNumber("runner_group_id", runner.GroupId);
        json.WriteStartArray("labels");
        foreach (var (index, label) in runner.Labels.Index())
        {
            json.WriteStartObject();
            json.WriteNumber("id", (runner.Id * 100) + index);
            json.WriteString("name", label);
            json.WriteString("type", SystemLabels.Contains(label) ? "read-only" : "custom");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteGroup(this Utf8JsonWriter json, RunnerGroup group, Account account, Links links)
    {
        var self = $"{links.Organization(account.Login)}/actions/runner-groups/{group.Id}";
        json.WriteStartObject();
        json.WriteNumber("id", group.Id);
        json.WriteString("name", group.Name);
        json.WriteString("visibility", group.Visibility.ToWire());
        json.WriteBoolean("default", group.Default);
        if (group.Visibility == GroupVisibility.Selected)
            json.WriteString("selected_repositories_url", $"{self}/repositories");
        json.WriteString("runners_url", $"{self}/runners");
        json.WriteBoolean("inherited", false);
        json.WriteBoolean("allows_public_repositories", group.AllowsPublicRepositories);
        json.WriteBoolean("workflow_restrictions_read_only", false);
        json.WriteBoolean("restricted_to_workflows", group.Workflows is not null);
        json.WriteArray("selected_workflows", group.Workflows ?? [], json.WriteStringValue);
        json.WriteEndObject();
    }
}
