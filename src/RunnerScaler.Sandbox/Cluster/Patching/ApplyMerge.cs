using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Patching;

/// <summary>
/// Server-side apply without <c>managedFields</c>: what a manager applied before and does not apply now is removed
/// unless another applies it, the rest is merged. Nobody owns single fields, so that a second manager has to say
/// <c>force</c>. See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
/// </summary>
internal static class ApplyMerge
{
    /// <summary>Changes <paramref name="target"/> to what the manager applies now.</summary>
    /// <param name="previous">What this manager applied last time; null at the first.</param>
    /// <param name="others">What other managers applied last.</param>
    public static void Apply(
        JsonObject target, JsonObject? previous, JsonObject applied, IReadOnlyList<JsonObject> others, ListShape shape)
    {
        if (previous is not null)
            Prune(target, previous, applied, others, shape);
        Merge(target, applied, shape);
    }

    private static void Prune(
        JsonObject target, JsonObject previous, JsonObject applied, IReadOnlyList<JsonObject> others, ListShape shape)
    {
        foreach (var (name, old) in previous)
        {
            var child = shape.Child(name);
            var stays = applied.TryGetPropertyValue(name, out var now);
            if (old is JsonObject oldMap && target[name] is JsonObject map)
            {
                List<JsonObject> theirs = [.. others.Select(o => o[name]).OfType<JsonObject>()];
                Prune(map, oldMap, now as JsonObject ?? [], theirs, child);
                if (!stays && map.Count == 0)
                    target.Remove(name);
            }
            else if (old is JsonArray oldList && target[name] is JsonArray list && child.Keys is { } keys)
            {
                List<JsonArray> theirs = [.. others.Select(o => o[name]).OfType<JsonArray>()];
                PruneList(list, oldList, now as JsonArray ?? [], theirs, keys, child.Item);
                if (!stays && list.Count == 0)
                    target.Remove(name);
            }
            else if (!stays && !others.Any(o => o.ContainsKey(name)))
            {
                target.Remove(name);
            }
        }
    }

    private static void PruneList(
        JsonArray target, JsonArray previous, JsonArray applied, IReadOnlyList<JsonArray> others,
        IReadOnlyList<string> keys, ListShape shape)
    {
        foreach (var old in previous.OfType<JsonObject>())
        {
            if (ListShape.Same(target, old, keys) is not { } item)
                continue;
            var now = ListShape.Same(applied, old, keys);
            List<JsonObject> theirs = [.. others.Select(o => ListShape.Same(o, old, keys)).OfType<JsonObject>()];
            if (now is null && theirs.Count == 0)
                target.Remove(item);
            else
                Prune(item, old, now ?? [], theirs, shape);
        }
    }

    private static void Merge(JsonObject target, JsonObject applied, ListShape shape)
    {
        foreach (var (name, value) in applied)
        {
            var child = shape.Child(name);
            if (value is JsonObject map && target[name] is JsonObject existing)
                Merge(existing, map, child);
            else if (value is JsonArray list && target[name] is JsonArray current && child.Keys is { } keys)
                MergeList(current, list, keys, child.Item);
            else
                target[name] = value?.DeepClone();
        }
    }

    private static void MergeList(JsonArray target, JsonArray applied, IReadOnlyList<string> keys, ListShape shape)
    {
        foreach (var item in applied.OfType<JsonObject>())
        {
            if (ListShape.Same(target, item, keys) is { } existing)
                Merge(existing, item, shape);
            else
                target.Add(item.DeepClone());
        }
    }
}
