using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>A request to the API as its path, method and query say it.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection.</param>
/// <param name="Namespace">The namespace in the path; null for cluster-scoped objects and for all namespaces.</param>
/// <param name="Name">The object's name; null for the collection.</param>
/// <param name="Subresource">Such as <c>status</c>; empty for the object itself.</param>
internal sealed record KubeRequest(
    string Verb, ResourceType Type, string? Namespace, string? Name, string Subresource, KubeUser User,
    IQueryCollection Query)
{
    /// <summary>The view that the type is served through, when it is stored as another.</summary>
    public ResourceView? View { get; init; }

    /// <summary>The type as its objects are stored.</summary>
    public ResourceType StoredType => View?.Stored ?? Type;

    public Part Part => Subresource == "status" ? Part.Status : Part.Main;

    public WriteOptions Write => new(DryRun: Query["dryRun"].ToString().Length > 0);

    /// <summary>Plural and subresource, for counters.</summary>
    public string Resource => Subresource.Length == 0 ? Type.Plural : $"{Type.Plural}/{Subresource}";

    /// <summary>Which objects a list or watch is about.</summary>
    /// <exception cref="KubeFailure">400 when a selector cannot be read.</exception>
    public Selector Selector()
    {
        var fields = Query["fieldSelector"].ToString();
        if (Name is not null)
            fields = $"metadata.name={Name}";
        var renamed = View is null ? fields : View.RenameFields(fields);
        return new Selector(
            Namespace, LabelSelector.Parse(Query["labelSelector"]), FieldSelector.Parse(StoredType, renamed));
    }

    /// <summary>A whole number in the query, or null.</summary>
    /// <exception cref="KubeFailure">400 when it is something else.</exception>
    public long? Number(string name)
    {
        var text = Query[name].ToString();
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw KubeFailure.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax ({name})");
    }

    /// <summary>Whether a parameter is <c>true</c> or <c>1</c>.</summary>
    public bool Flag(string name) => IsTrue(Query, name);

    public static bool IsTrue(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";
}

/// <summary>A type that is served in another form than it is stored in.</summary>
internal sealed record ResourceView(
    ResourceType Served, ResourceType Stored, Func<JsonObject, JsonObject> ToStored,
    Func<JsonObject, JsonObject> ToServed, Func<string, string> RenameFields);
