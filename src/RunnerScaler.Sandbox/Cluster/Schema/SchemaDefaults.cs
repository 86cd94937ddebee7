using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Schema;

/// <summary>
/// Pruning and defaulting of custom objects by a structural schema, as at
/// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning.
/// </summary>
internal static class SchemaDefaults
{
    /// <summary>Removes what the schema does not know. The root's apiVersion, kind and metadata always stay.</summary>
    public static void PruneRoot(JsonObject value, JsonNode? schema)
    {
        if (schema.IsTrue("x-kubernetes-preserve-unknown-fields"))
            return;
        foreach (var name in Unknown(value, schema).Where(n => !IsTypeOrMetadata(n)).ToList())
            value.Remove(name);
        foreach (var (name, child) in value.Where(p => !IsTypeOrMetadata(p.Key)))
            Prune(child, schema.At("properties", name));
    }

    /// <summary>Sets what is missing and has a default; nulls that a default can replace are replaced.</summary>
    public static void SetDefaults(JsonNode? value, JsonNode? schema)
    {
        switch (value)
        {
            case JsonArray list:
                foreach (var item in list)
                    SetDefaults(item, schema.At("items"));
                break;
            case JsonObject map:
                SetMissing(map, schema);
                foreach (var (name, child) in map)
                    SetDefaults(child, schema.At("properties", name) ?? schema.At("additionalProperties"));
                break;
        }
    }

    private static void SetMissing(JsonObject map, JsonNode? schema)
    {
        if (schema.At("properties") is not JsonObject properties)
            return;
        foreach (var (name, child) in properties)
        {
            if (child.At("default") is { } value && map[name] is null && !(map.ContainsKey(name) && IsNullable(child)))
                map[name] = value.DeepClone();
        }
    }

    private static void Prune(JsonNode? value, JsonNode? schema)
    {
        if (schema.IsTrue("x-kubernetes-embedded-resource") && value is JsonObject embedded)
        {
            PruneRoot(embedded, schema);
            return;
        }
        switch (value)
        {
            case JsonArray list:
                foreach (var item in list)
                    Prune(item, schema.At("items"));
                break;
            case JsonObject map:
                if (!schema.IsTrue("x-kubernetes-preserve-unknown-fields"))
                {
                    foreach (var name in Unknown(map, schema).ToList())
                        map.Remove(name);
                }
                foreach (var (name, child) in map)
                {
                    if ((schema.At("properties", name) ?? schema.At("additionalProperties")) is JsonObject known)
                        Prune(child, known);
                }
                break;
        }
    }

    private static IEnumerable<string> Unknown(JsonObject value, JsonNode? schema) =>
        schema.At("additionalProperties") is not null && !schema.At("additionalProperties").IsFalse()
            ? []
            : value.Select(p => p.Key).Where(n => schema.At("properties", n) is null);

    private static bool IsFalse(this JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.False;

    private static bool IsTypeOrMetadata(string name) => name is "apiVersion" or "kind" or "metadata";

    private static bool IsNullable(JsonNode? schema) => schema.IsTrue("nullable");
}
