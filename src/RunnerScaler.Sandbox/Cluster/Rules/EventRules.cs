using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Rules;

/// <summary>
/// What the server asks of events: little of those written as core/v1, much of those written as events.k8s.io/v1.
/// Both are stored in the core form; see
/// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/.
/// </summary>
internal static class EventRules
{
    public static IEnumerable<FieldError> Errors(JsonObject stored)
    {
        var involved = stored.Text("involvedObject", "namespace") ?? "";
        var ns = stored.Text("metadata", "namespace");
        if (involved.Length == 0 ? ns != "default" : involved != ns)
        {
            yield return FieldError.Invalid("involvedObject.namespace", $"\"{involved}\"",
                "does not match event.namespace");
        }
    }

    /// <summary>What is wrong with an event that came in as events.k8s.io/v1, given in its core form.</summary>
    public static IEnumerable<FieldError> StrictErrors(JsonObject stored)
    {
        if (stored["eventTime"] is null)
            yield return FieldError.Required("eventTime");
        foreach (var (field, external, longest) in ((string, string, int)[])[
            ("reportingComponent", "reportingController", 253), ("reportingInstance", "reportingInstance", 128),
            ("action", "action", 128), ("reason", "reason", 128)])
        {
            var text = stored.Text(field) ?? "";
            if (text.Length == 0)
                yield return FieldError.Required(external);
            else if (text.Length > longest)
                yield return FieldError.Invalid(external, $"\"{text}\"", $"can have at most {longest} characters");
        }
        if (stored.Text("type") is not ("Normal" or "Warning"))
            yield return FieldError.Invalid("type", $"\"{stored.Text("type")}\"", "has invalid value");
        if (stored.Text("message") is { Length: > 1024 })
            yield return FieldError.Invalid("message", "\"\"", "can have at most 1024 characters");
        foreach (var old in (string[])["firstTimestamp", "lastTimestamp", "count", "source"])
        {
            if (stored[old] is not null)
                yield return FieldError.Invalid(old, stored[old]!.ToJsonString(), "needs to be unset");
        }
    }
}
