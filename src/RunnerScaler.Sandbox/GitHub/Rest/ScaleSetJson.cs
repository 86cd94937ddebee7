using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Bodies of the Actions service (https://github.com/actions/scaleset/blob/main/types.go).</summary>
internal static class ScaleSetJson
{
    /// <summary>A list with its count.</summary>
    public static ApiAnswer List<T>(IReadOnlyCollection<T> items, Action<Utf8JsonWriter, T> write) =>
        ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count", items.Count);
            json.WriteArray("value", items, item => write(json, item));
            json.WriteEndObject();
        });

    public static void WriteSet(
        this Utf8JsonWriter json, ScaleSet set, string site, ScaleSetStatistics? statistics = null)
    {
        json.WriteStartObject();
        json.WriteNumber("id", set.Id);
        json.WriteString("name", set.Name);
        json.WriteNumber("runnerGroupId", set.GroupId);
        json.WriteString("runnerGroupName", set.GroupName);
        json.WriteStartArray("labels");
        foreach (var label in set.Labels)
        {
            json.WriteStartObject();
            json.WriteString("name", label);
            json.WriteString("type", "System");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("runnerSetting");
        json.WriteBoolean("ephemeral", true);
        json.WriteBoolean("isElastic", true);
        json.WriteBoolean("disableUpdate", set.DisableUpdate);
        json.WriteEndObject();
        json.WriteTime("createdOn", set.CreatedAt);
        json.WriteString("runnerJitConfigUrl", $"{site}/sandbox/{set.Id}/generatejitconfig");
        if (statistics is { } counts)
        {
            json.WritePropertyName("statistics");
            json.WriteStatistics(counts);
        }

        json.WriteEndObject();
    }

    public static void WriteStatistics(this Utf8JsonWriter json, ScaleSetStatistics counts)
    {
        json.WriteStartObject();
        json.WriteNumber("totalAvailableJobs", counts.AvailableJobs);
        json.WriteNumber("totalAcquiredJobs", counts.AcquiredJobs);
        json.WriteNumber("totalAssignedJobs", counts.AssignedJobs);
        json.WriteNumber("totalRunningJobs", counts.RunningJobs);
        json.WriteNumber("totalRegisteredRunners", counts.RegisteredRunners);
        json.WriteNumber("totalBusyRunners", counts.BusyRunners);
        json.WriteNumber("totalIdleRunners", counts.IdleRunners);
        json.WriteEndObject();
    }

    public static void WriteSession(this Utf8JsonWriter json, SessionAnswer opened, string site)
    {
        var session = opened.Session;
        json.WriteStartObject();
        json.WriteString("sessionId", session.Id);
        json.WriteString("ownerName", session.OwnerName);
        json.WritePropertyName("runnerScaleSet");
        json.WriteSet(opened.Set, site);
        var queue = ActionsRoutes.Queue.Replace("{place}", $"{session.Place}", StringComparison.Ordinal);
        json.WriteString("messageQueueUrl", $"{site}{queue}?sessionId={session.Id}&api-version=6.0-preview");
        json.WriteString("messageQueueAccessToken", session.QueueToken);
        json.WritePropertyName("statistics");
        json.WriteStatistics(opened.Statistics);
        json.WriteEndObject();
    }

    public static void WriteSetGroup(this Utf8JsonWriter json, RunnerGroup group)
    {
        json.WriteStartObject();
        json.WriteNumber("id", group.Id);
        json.WriteString("name", group.Name);
        json.WriteNumber("size", 0);
        json.WriteBoolean("isDefaultGroup", group.Default);
        json.WriteEndObject();
    }

    public static void WriteAgent(this Utf8JsonWriter json, Runner runner)
    {
        json.WriteStartObject();
        json.WriteNumber("id", runner.Id);
        json.WriteString("name", runner.Name);
        json.WriteNumber("runnerScaleSetId", runner.ScaleSetId ?? 0);
        json.WriteBoolean("ephemeral", true);
        json.WriteBoolean("enabled", true);
        json.WriteString("status", runner.Online ? "online" : "offline");
        json.WriteEndObject();
    }
}
