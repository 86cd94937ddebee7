using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Patching;

/// <summary>
/// Server-side apply without <c>managedFields</c>: what a manager applied before and does not apply now is removed
/// unless another applies it, the rest is merged. Only who applies owns fields: unlike at the real server, a plain
/// update never makes a later apply conflict. See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
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

    /// <summary>
    /// The paths of values that another manager applied and this one would change, such as
    /// <c>.spec.limits.maxRunners</c>.
    /// </summary>
    public static IEnumerable<string> Conflicts(
        JsonObject others, JsonObject applied, ListShape shape, string path = "")
    {
        foreach (var (name, value) in applied)
        {
            if (!others.TryGetPropertyValue(name, out var theirs) || IsIdentity(path, name))
                continue;
            var here = $"{path}.{name}";
            if (value is JsonObject map && theirs is JsonObject theirMap)
            {
                foreach (var conflict in Conflicts(theirMap, map, shape.Child(name), here))
                    yield return conflict;
            }
            else if (value is JsonArray list && theirs is JsonArray theirList && shape.Child(name).Keys is { } keys)
            {
                foreach (var conflict in ListConflicts(theirList, list, keys, shape.Child(name).Item, here))
                    yield return conflict;
            }
            else if (!JsonNode.DeepEquals(value, theirs))
            {
                yield return here;
            }
        }
    }

    private static IEnumerable<string> ListConflicts(
        JsonArray others, JsonArray applied, IReadOnlyList<string> keys, ListShape shape, string path)
    {
        foreach (var item in applied.OfType<JsonObject>())
        {
            if (ListShape.Same(others, item, keys) is not { } theirs)
                continue;
            var at = string.Join(",", keys.Select(k => $"{k}={item[k]?.ToJsonString()}"));
            foreach (var conflict in Conflicts(theirs, item, shape, $"{path}[{at}]"))
                yield return conflict;
        }
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

    private static bool IsIdentity(string path, string name) =>
        path.Length == 0 && name is "apiVersion" or "kind"
        || path == ".metadata" && name is "name" or "namespace" or "uid";
}
