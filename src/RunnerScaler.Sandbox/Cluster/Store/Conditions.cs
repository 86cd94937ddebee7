using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>Lists of conditions, told apart by their type.</summary>
internal static class Conditions
{
    /// <summary>
    /// Sets a condition in <c>status.conditions</c>; the transition time changes only when the status changes.
    /// </summary>
    public static void Set(
        JsonObject status, string type, string value, string? reason, string? message, DateTimeOffset now)
    {
        if (status["conditions"] is not JsonArray list)
            status["conditions"] = list = [];
        var existing = list.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type);
        var since = existing is not null && existing.Text("status") == value
            ? existing["lastTransitionTime"]?.DeepClone()
            : JsonValue.Create(Meta.Stamp(now));
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = value,
            ["lastTransitionTime"] = since,
        };
        if (reason is not null)
            condition["reason"] = reason;
        if (message is not null)
            condition["message"] = message;
        if (existing is null)
            list.Add(condition);
        else
            list[list.IndexOf(existing)] = condition;
    }

    /// <summary>The value of a condition in <c>status.conditions</c>; null when it is not reported.</summary>
    public static string? Of(JsonObject value, string type) =>
        value.Objects("status", "conditions").FirstOrDefault(c => c.Text("type") == type).Text("status");
}
