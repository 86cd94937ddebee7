using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Rules;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Events as events.k8s.io/v1 shows them: the same objects as core/v1 events, with other names.</summary>
internal static class EventView
{
    private static readonly (string Stored, string Served)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("source", "deprecatedSource"),
    ];

    public static ResourceType Type { get; } =
        new("events.k8s.io", "v1", "events", "Event", true) { CreatesOnUpdate = true };

    public static ResourceView View { get; } = new(Type, KnownTypes.Events, ToStored, ToServed, RenameFields);

    /// <exception cref="KubeFailure">422 when the event lacks what events.k8s.io/v1 asks for.</exception>
    private static JsonObject ToStored(JsonObject served)
    {
        Creation.RequireType(Type, served);
        var stored = Renamed(served, KnownTypes.Events, n => Names.FirstOrDefault(p => p.Served == n).Stored);
        List<FieldError> errors = [.. EventRules.StrictErrors(stored)];
        return errors.Count == 0
            ? stored
            : throw KubeFailure.Invalid(Type, stored.Text("metadata", "name") ?? "", errors);
    }

    private static JsonObject ToServed(JsonObject stored) =>
        Renamed(stored, Type, n => Names.FirstOrDefault(p => p.Stored == n).Served);

    private static string RenameFields(string fields) => fields
        .Replace("regarding.", "involvedObject.", StringComparison.Ordinal)
        .Replace("reportingController", "source", StringComparison.Ordinal);

    private static JsonObject Renamed(JsonObject value, ResourceType type, Func<string, string?> rename)
    {
        var renamed = new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion };
        foreach (var (name, child) in value.Where(p => p.Key is not ("kind" or "apiVersion")))
            renamed[rename(name) ?? name] = child?.DeepClone();
        return renamed;
    }
}
