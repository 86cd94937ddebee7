using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>Reads what may be missing or of another type: both are null.</summary>
internal static class JsonFields
{
    public static JsonObject? Fields(this JsonObject? node, string name) => node?[name] as JsonObject;

    public static JsonArray? List(this JsonObject? node, string name) => node?[name] as JsonArray;

    /// <summary>A text that is not empty; numbers and booleans as they are written.</summary>
    public static string? Text(this JsonObject? node, string name) => TextOf(node?[name]);

    public static string? TextOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>() is { Length: > 0 } text ? text : null,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToJsonString(),
        _ => null,
    };

    /// <summary>A whole number that is not negative.</summary>
    public static int? Count(this JsonObject? node, string name) =>
        node?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && value.TryGetValue<long>(out var number) && number is >= 0 and <= int.MaxValue
                ? (int)number
                : null;

    /// <summary>Whether it is <c>true</c>.</summary>
    public static bool IsTrue(this JsonObject? node, string name) => node?[name]?.GetValueKind() == JsonValueKind.True;

    /// <summary>The objects of a list.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject? node, string name) =>
        node.List(name)?.OfType<JsonObject>() ?? [];

    /// <summary>The texts of a list.</summary>
    public static IEnumerable<string> Texts(this JsonObject? node, string name) =>
        node.List(name)?.Select(TextOf).OfType<string>() ?? [];

    /// <summary>Puts a copy of a value there, unless it is nothing.</summary>
    public static void Keep(this JsonObject node, string name, JsonNode? value)
    {
        if (value is not (null or JsonObject { Count: 0 } or JsonArray { Count: 0 }))
            node[name] = value.DeepClone();
    }
}
