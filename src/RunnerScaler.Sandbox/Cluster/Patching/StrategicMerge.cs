using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Patching;

/// <summary>
/// Strategic merge patch for built-in types: maps are merged, lists of known keys are merged item by item, other
/// lists are replaced; <c>$patch: delete</c> and <c>$patch: replace</c> are honoured, directives about order are not.
/// See https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
/// </summary>
internal static class StrategicMerge
{
    /// <summary>Applies a patch to an object, which is changed.</summary>
    public static void Apply(JsonObject target, JsonObject patch, ListShape shape)
    {
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith('$'))
                continue;
            if (change is null)
                target.Remove(name);
            else if (change is JsonObject map && target[name] is JsonObject existing && !Replaces(map))
                Apply(existing, map, shape.Child(name));
            else if (change is JsonArray list && shape.Child(name).Keys is { } keys)
                target[name] = MergeList(target[name] as JsonArray ?? [], list, keys, shape.Child(name).Item);
            else
                target[name] = Cleaned(change);
        }
    }

    private static JsonArray MergeList(JsonArray current, JsonArray patch, IReadOnlyList<string> keys, ListShape shape)
    {
        var items = patch.OfType<JsonObject>().ToList();
        var merged = items.Any(i => Replaces(i) && !keys.Any(i.ContainsKey)) ? [] : current.DeepClone().AsArray();
        foreach (var item in items.Where(i => keys.Any(i.ContainsKey)))
        {
            var existing = ListShape.Same(merged, item, keys);
            if (item.Text("$patch") == "delete")
                merged.Remove(existing);
            else if (existing is null)
                merged.Add(Cleaned(item));
            else
                Apply(existing, item, shape);
        }
        return merged;
    }

    private static bool Replaces(JsonObject patch) => patch.Text("$patch") == "replace";

    /// <summary>A new value as it is stored: without directives and without nulls.</summary>
    private static JsonNode Cleaned(JsonNode value)
    {
        if (value is not JsonObject map)
            return value.DeepClone();
        var clean = new JsonObject();
        foreach (var (name, child) in map.Where(p => p.Value is not null && !p.Key.StartsWith('$')))
            clean[name] = Cleaned(child!);
        return clean;
    }
}
