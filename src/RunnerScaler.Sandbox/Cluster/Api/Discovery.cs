using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>What the API says about itself: version, groups and resources.</summary>
internal sealed class Discovery(RequestReader types, string minorVersion)
{
    /// <summary>The answer for a path that is about the API, or null when it is about objects.</summary>
    public JsonObject? Answer(string path) => path.Trim('/').Split('/') switch
    {
        ["version"] => Version(),
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => Groups(),
        ["api", var version] => Resources("", version),
        ["apis", var group] => GroupNames().Contains(group) ? Group(group) : null,
        ["apis", var group, var version] => Resources(group, version),
        _ => null,
    };

    private JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = minorVersion,
        ["gitVersion"] = $"v1.{minorVersion}.0-sandbox",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "none",
        ["platform"] = "any",
    };

    private List<string> GroupNames() =>
        [.. types.AllTypes().Select(t => t.Group).Where(g => g.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    private JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames().Select(g => (JsonNode)Group(g))]),
    };

    private JsonObject Group(string group)
    {
        var versions = types.AllTypes().Where(t => t.Group == group).Select(t => t.Version).Distinct().ToList();
        return new JsonObject
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions.Select(v => (JsonNode)GroupVersion(group, v))]),
            ["preferredVersion"] = GroupVersion(group, versions[0]),
        };
    }

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private JsonObject? Resources(string group, string version)
    {
        var served = types.TypesOf(group, version).ToList();
        if (served.Count == 0)
            return null;
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = new JsonArray([.. served.SelectMany(Entries)]),
        };
    }

    private static IEnumerable<JsonNode> Entries(ResourceType type)
    {
        var isReview = Reviews.All.Contains(type);
        yield return Entry(type, "", isReview
            ? ["create"]
            : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
        if (type.HasStatus)
            yield return Entry(type, "/status", ["get", "patch", "update"]);
        if (type.Scale is not null)
            yield return Entry(type, "/scale", ["get", "patch", "update"]);
        foreach (var subresource in type == KnownTypes.Pods ? ["/binding", "/eviction"]
            : type == KnownTypes.ServiceAccounts ? (string[])["/token"] : [])
            yield return Entry(type, subresource, ["create"]);
    }

    private static JsonObject Entry(ResourceType type, string subresource, string[] verbs) => new()
    {
        ["name"] = type.Plural + subresource,
        ["singularName"] = subresource.Length == 0 ? type.Kind.ToLowerInvariant() : "",
        ["namespaced"] = type.Namespaced,
        ["kind"] = type.Kind,
        ["verbs"] = new JsonArray([.. verbs.Select(v => (JsonNode)JsonValue.Create(v)!)]),
        ["shortNames"] = new JsonArray([.. type.ShortNames.Select(v => (JsonNode)JsonValue.Create(v)!)]),
    };
}
