using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>Reading objects that may hold anything: a value of another type than expected counts as absent.</summary>
internal static class Meta
{
    /// <summary>The object's metadata; added when it is missing.</summary>
    public static JsonObject Metadata(this JsonObject value)
    {
        if (value["metadata"] is JsonObject metadata)
            return metadata;
        metadata = [];
        value["metadata"] = metadata;
        return metadata;
    }

    /// <summary>The JSON as it is served, however deep it nests: the serializer would stop at 64 levels.</summary>
    public static byte[] ToBytes(this JsonNode value) => Encoding.UTF8.GetBytes(value.ToJsonString());

    /// <summary>The node under a path of property names, or null where any of them is missing.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    /// <summary>The string under a path, or null.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The whole number under a path, or null.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) switch
    {
        JsonValue value when value.TryGetValue(out long number) => number,
        JsonValue value when value.TryGetValue(out int number) => number,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number
            && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number) => (long)number,
        _ => null,
    };

    /// <summary>Whether the value under a path is <c>true</c>.</summary>
    public static bool IsTrue(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path)?.GetValueKind() == JsonValueKind.True;

    /// <summary>The objects of the list under a path; empty where there is none.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

    /// <summary>The time under a path, or null.</summary>
    public static DateTimeOffset? Time(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(
            node.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    /// <summary>A time as Kubernetes writes it: UTC, whole seconds.</summary>
    public static string Stamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether deletion was asked for.</summary>
    public static bool IsDeleting(this JsonObject value) => value.At("metadata", "deletionTimestamp") is not null;

    public static bool HasFinalizers(this JsonObject value) =>
        value.At("metadata", "finalizers") is JsonArray { Count: > 0 };

    /// <summary>Removes properties whose value is null, at every depth: a typed server takes them as absent.</summary>
    public static void DropNulls(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var name in map.Where(p => p.Value is null).Select(p => p.Key).ToList())
                    map.Remove(name);
                foreach (var (_, child) in map)
                    DropNulls(child);
                break;
            case JsonArray list:
                foreach (var child in list)
                    DropNulls(child);
                break;
        }
    }
}
