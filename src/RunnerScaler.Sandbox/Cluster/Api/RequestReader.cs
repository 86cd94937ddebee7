using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Reads what a request is about from its method and path.</summary>
internal sealed class RequestReader(ObjectStore store)
{
    /// <exception cref="KubeFailure">404 when the path names nothing served, 405 when the method does not go with
    /// it.</exception>
    public KubeRequest Read(HttpRequest http, KubeUser user)
    {
        var path = (http.Path.Value ?? "").Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        var (group, version, rest) = path switch
        {
            ["api", var v, .. var r] => ("", v, r),
            ["apis", var g, var v, .. var r] => (g, v, r),
            _ => throw KubeFailure.NoSuchPath(),
        };
        var (ns, plural, name, subresource) = Split(rest);
        var type = TypeOf(group, version, plural) ?? throw KubeFailure.NoSuchPath();
        if (type.Namespaced != (ns is not null) && (!type.Namespaced || name is not null))
            throw KubeFailure.NoSuchPath();
        return new KubeRequest(Verb(http, name), type, ns, name, subresource, user, http.Query)
        {
            View = type == EventView.Type ? EventView.View : null,
        };
    }

    /// <summary>All types of a group and version, those that are not stored too.</summary>
    public IEnumerable<ResourceType> TypesOf(string group, string version) =>
        AllTypes().Where(t => t.Group == group && t.Version == version);

    public IEnumerable<ResourceType> AllTypes() => [.. store.Types, .. Reviews.All, EventView.Type];

    private ResourceType? TypeOf(string group, string version, string plural) =>
        store.FindType(group, version, plural)
        ?? TypesOf(group, version).FirstOrDefault(t => t.Plural == plural);

    private static (string? Namespace, string Plural, string? Name, string Subresource) Split(string[] rest) =>
        rest switch
        {
            ["namespaces", var name, "status" or "finalize"] => (null, "namespaces", name, rest[2]),
            ["namespaces"] => (null, "namespaces", null, ""),
            ["namespaces", var name] => (null, "namespaces", name, ""),
            ["namespaces", var ns, var plural] => (ns, plural, null, ""),
            ["namespaces", var ns, var plural, var name] => (ns, plural, name, ""),
            ["namespaces", var ns, var plural, var name, var subresource] => (ns, plural, name, subresource),
            [var plural] => (null, plural, null, ""),
            [var plural, var name] => (null, plural, name, ""),
            [var plural, var name, var subresource] => (null, plural, name, subresource),
            _ => throw KubeFailure.NoSuchPath(),
        };

    private static string Verb(HttpRequest http, string? name) => http.Method switch
    {
        "GET" or "HEAD" when KubeRequest.IsTrue(http.Query, "watch") => "watch",
        "GET" or "HEAD" => name is null ? "list" : "get",
        "POST" => "create",
        "PUT" when name is not null => "update",
        "PATCH" when name is not null => "patch",
        "DELETE" => name is null ? "deletecollection" : "delete",
        _ => throw KubeFailure.MethodNotAllowed(),
    };
}
