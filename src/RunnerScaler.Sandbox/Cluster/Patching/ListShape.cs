using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Patching;

/// <summary>
/// Which lists are maps in disguise, and by which keys their items are told apart. Built-in types: by the name of
/// the property. Custom types: by <c>x-kubernetes-list-type: map</c> in their schema. Every other list is atomic.
/// See https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy.
/// </summary>
internal readonly record struct ListShape(JsonNode? Schema, bool IsCustom, string Property)
{
    private static readonly Dictionary<string, string[]> KnownKeys = new(StringComparer.Ordinal)
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["ephemeralContainers"] = ["name"],
        ["env"] = ["name"],
        ["volumes"] = ["name"],
        ["imagePullSecrets"] = ["name"],
        ["secrets"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["volumeDevices"] = ["devicePath"],
        ["ports"] = ["containerPort"],
        ["conditions"] = ["type"],
        ["addresses"] = ["type"],
        ["ownerReferences"] = ["uid"],
        ["hostAliases"] = ["ip"],
        ["topologySpreadConstraints"] = ["topologyKey"],
    };

    public static ListShape Root(ResourceType type) => new(type.Schema, type.IsCustom, "");

    /// <summary>The keys of the items when this is such a list; null when it is atomic.</summary>
    public IReadOnlyList<string>? Keys
    {
        get
        {
            if (!IsCustom)
                return KnownKeys.GetValueOrDefault(Property);
            return Schema.Text("x-kubernetes-list-type") == "map"
                && Schema.At("x-kubernetes-list-map-keys") is JsonArray keys
                    ? [.. keys.Select(k => k.Text() ?? "")]
                    : null;
        }
    }

    public ListShape Item => this with { Schema = Schema.At("items"), Property = "" };

    public ListShape Child(string property) => this with
    {
        Schema = Schema.At("properties", property) ?? Schema.At("additionalProperties"),
        Property = property,
    };

    /// <summary>The item of a list that has the same keys, or null.</summary>
    public static JsonObject? Same(JsonArray list, JsonObject item, IReadOnlyList<string> keys)
    {
        foreach (var candidate in list)
        {
            if (candidate is JsonObject other && keys.All(k => JsonNode.DeepEquals(other[k], item[k])))
                return other;
        }
        return null;
    }
}
