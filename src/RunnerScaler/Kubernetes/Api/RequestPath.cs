using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Reads of a request's method and path what it is about: an object, or the path itself, as in <c>get /version</c>.
/// </summary>
internal static class RequestPath
{
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path with its query, from the root on.</param>
    /// <param name="body">What is sent: the name of a new object is nowhere else.</param>
    public static ApiRequest Read(HttpMethod method, string path, JsonNode? body)
    {
        var cut = path.IndexOf('?', StringComparison.Ordinal);
        var query = cut < 0 ? "" : path[cut..];
        var parts = (cut < 0 ? path : path[..cut]).Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] rest = parts switch
        {
            ["api", _, .. var core] => core,
            ["apis", _, _, .. var group] => group,
            _ => [],
        };
        var (ns, plural, name, sub) = rest switch
        {
            ["namespaces", var space, var many] => (space, many, "", ""),
            ["namespaces", var space, var many, var one] => (space, many, one, ""),
            ["namespaces", var space, var many, var one, var part] => (space, many, one, part),
            [var many] => ("", many, "", ""),
            [var many, var one] => ("", many, one, ""),
            [var many, var one, var part] => ("", many, one, part),
            _ => ("", path[..(cut < 0 ? path.Length : cut)], "", ""),
        };
        var resource = sub.Length == 0 ? plural : $"{plural}/{sub}";
        name = Uri.UnescapeDataString(name.Length > 0 || method != HttpMethod.Post ? name : NameIn(body));
        return new ApiRequest(VerbOf(method, resource, name, query), resource, ns, name);
    }

    private static string VerbOf(HttpMethod method, string resource, string name, string query)
    {
        if (method == HttpMethod.Get && resource.StartsWith('/'))
            return "get";
        if (method == HttpMethod.Get)
            return query.Contains("watch=1", StringComparison.Ordinal) ? "watch" : name.Length == 0 ? "list" : "get";
        return method == HttpMethod.Post ? "create"
            : method == HttpMethod.Put ? "update"
            : method == HttpMethod.Patch ? "patch"
            : "delete";
    }

    private static string NameIn(JsonNode? body) =>
        body is JsonObject made && made["metadata"] is JsonObject metadata
        && metadata["name"] is JsonValue value && value.TryGetValue<string>(out var name)
            ? name
            : "";
}
