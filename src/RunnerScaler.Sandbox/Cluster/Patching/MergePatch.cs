using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Patching;

/// <summary>JSON Merge Patch (https://www.rfc-editor.org/rfc/rfc7386).</summary>
internal static class MergePatch
{
    /// <summary>Applies a patch to a target, which may be changed; the result is the returned node.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var map = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                map.Remove(name);
                continue;
            }
            var before = map[name];
            var after = Apply(before, change);
            if (!ReferenceEquals(before, after))
                map[name] = after;
        }
        return map;
    }
}
