using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// Merges a user's pod template over the generated pod, on raw JSON, as a
/// <see href="https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/">strategic
/// merge</see> would: objects are merged field by field, null removes a field, the lists of <see cref="Lists"/> are
/// merged entry by entry, and every other list replaces the one that was there.
/// </summary>
internal static class TemplateMerge
{
    /// <summary>How the entries of a list are told apart, and what becomes of one that is in both.</summary>
    /// <param name="Keys">The fields that together name an entry; one that is missing counts as empty.</param>
    /// <param name="Whole">
    /// Whether the template's entry replaces the generated one whole: so for those of which only one kind of content
    /// may be set, such as a volume's source.
    /// </param>
    private sealed record ListRule(string[] Keys, bool Whole);

    private static readonly ListRule ByName = new(["name"], Whole: false);
    private static readonly ListRule ByNameWhole = new(["name"], Whole: true);

    private static readonly Dictionary<string, ListRule> Lists = new(StringComparer.Ordinal)
    {
        ["containers"] = ByName,
        ["initContainers"] = ByName,
        ["imagePullSecrets"] = ByNameWhole,
        ["volumes"] = ByNameWhole,
        ["env"] = ByNameWhole,
        ["volumeMounts"] = new(["mountPath"], Whole: true),
        ["volumeDevices"] = new(["devicePath"], Whole: true),
        ["ports"] = new(["containerPort", "protocol"], Whole: true),
        ["hostAliases"] = new(["ip"], Whole: true),
        ["tolerations"] = new(["key", "operator", "value", "effect"], Whole: true),
        ["topologySpreadConstraints"] = new(["topologyKey", "whenUnsatisfiable"], Whole: true),
    };

    /// <summary>Changes <paramref name="target"/>; <paramref name="patch"/> stays as it is.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject fields && target[name] is JsonObject into)
                Merge(into, fields);
            else if (value is JsonArray entries
                && target[name] is JsonArray list
                && Lists.TryGetValue(name, out var rule))
                MergeList(list, entries, rule);
            else
                target[name] = WithoutNulls(value);
        }
    }

    private static void MergeList(JsonArray target, JsonArray patch, ListRule rule)
    {
        foreach (var entry in patch.OfType<JsonObject>())
        {
            var at = IndexOf(target, entry, rule);
            if (at < 0)
                target.Add(WithoutNulls(entry));
            else if (rule.Whole)
                target[at] = WithoutNulls(entry);
            else
                Merge((JsonObject)target[at]!, entry);
        }
    }

    private static int IndexOf(JsonArray list, JsonObject entry, ListRule rule)
    {
        for (var i = 0; i < list.Count; i++)
            if (list[i] is JsonObject other && rule.Keys.All(k => JsonNode.DeepEquals(other[k], entry[k])))
                return i;
        return -1;
    }

    private static JsonNode WithoutNulls(JsonNode value)
    {
        if (value is not JsonObject fields)
            return value.DeepClone();
        var kept = new JsonObject();
        foreach (var (name, inner) in fields)
            if (inner is not null)
                kept[name] = WithoutNulls(inner);
        return kept;
    }
}
