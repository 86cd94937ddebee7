using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>A pool's status as JSON.</summary>
internal static class PoolStatusJson
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";
    private const int LongestMessage = 1024;

    /// <summary>
    /// The whole status that we own. The time of a condition's last transition is kept while its status stays;
    /// conditions of others are kept as they are, and ours that the report does not have any more are gone.
    /// </summary>
    /// <param name="report">What to show.</param>
    /// <param name="current">The status as it is now.</param>
    /// <param name="now">The time of new transitions.</param>
    public static JsonObject Render(PoolReport report, JsonObject current, DateTimeOffset now) => new()
    {
        ["observedGeneration"] = report.Generation,
        ["conditions"] = Conditions(report, current["conditions"] as JsonArray ?? [], now),
        ["runners"] = new JsonObject
        {
            ["total"] = report.Runners.All,
            ["starting"] = report.Runners.Starting,
            ["standby"] = report.Runners.Standby,
            ["registered"] = report.Runners.Registered,
            ["busy"] = report.Runners.Busy,
            ["finishing"] = report.Runners.Finishing,
        },
        ["jobs"] = new JsonObject
        {
            ["queued"] = report.Jobs.Queued,
            ["running"] = report.Jobs.Running,
            ["unserved"] = report.Jobs.Unserved,
        },
        ["unserved"] = new JsonArray(
            [.. report.Unserved
                .Where(u => u.Value > 0)
                .OrderByDescending(u => u.Value)
                .ThenBy(u => u.Key.ToString(), StringComparer.Ordinal)
                .Select(u => new JsonObject { ["reason"] = u.Key.ToString(), ["jobs"] = u.Value })]),
    };

    /// <summary>
    /// Whether writing <paramref name="wanted"/> over <paramref name="current"/> would change nothing.
    /// </summary>
    public static bool Holds(JsonObject wanted, JsonObject current) =>
        wanted.All(field => JsonNode.DeepEquals(field.Value, current[field.Key]));

    private static JsonArray Conditions(PoolReport report, JsonArray current, DateTimeOffset now)
    {
        var ours = report.Conditions.Select(c => Condition(c, report.Generation, Find(current, c.Type), now));
        var others = current
            .OfType<JsonObject>()
            .Where(c => !Scaling.Pools.Conditions.All.Contains(Text(c, "type")))
            .Select(c => (JsonObject)c.DeepClone());
        return new JsonArray([.. ours.Concat(others)]);
    }

    private static JsonObject Condition(
        PoolCondition condition, long generation, JsonObject? before, DateTimeOffset now)
    {
        var status = condition.Holds switch { true => "True", false => "False", null => "Unknown" };
        var since = before is not null && Text(before, "status") == status ? Text(before, "lastTransitionTime") : "";
        return new JsonObject
        {
            ["type"] = condition.Type,
            ["status"] = status,
            ["reason"] = condition.Reason,
            ["message"] = PlainText.Line(condition.Message, LongestMessage),
            ["observedGeneration"] = generation,
            ["lastTransitionTime"] = since.Length > 0
                ? since
                : now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
        };
    }

    private static JsonObject? Find(JsonArray conditions, string type) =>
        conditions.OfType<JsonObject>().FirstOrDefault(c => Text(c, "type") == type);

    private static string Text(JsonObject fields, string name) =>
        fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
