using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// Turns what a client sends to create into an object: identity, times, nothing that only the server sets.
/// </summary>
internal static class Creation
{
    private static readonly string[] ServerFields =
    [
        "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields", "generation",
        "uid", "creationTimestamp",
    ];

    /// <exception cref="KubeFailure">400 when the object is of another type or namespace, or has no name.</exception>
    public static JsonObject Prepare(ResourceType type, string? ns, JsonObject body, DateTimeOffset now, Identities ids)
    {
        RequireType(type, body);
        var value = new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion };
        foreach (var (name, child) in body.Where(p => p.Key is not ("kind" or "apiVersion")))
            value[name] = child?.DeepClone();
        Meta.DropNulls(type.IsCustom ? value["metadata"] : value);
        var metadata = value.Metadata();
        if (!string.IsNullOrEmpty(metadata.Text("resourceVersion")))
            throw new KubeFailure(500, "InternalError", "resourceVersion should not be set on objects to be created");
        foreach (var field in ServerFields)
            metadata.Remove(field);
        SetName(type, metadata, ids);
        SetNamespace(type, ns, metadata);
        metadata["uid"] = ids.NewUid();
        metadata["creationTimestamp"] = Meta.Stamp(now);
        if (type.HasGeneration)
            metadata["generation"] = 1;
        if (type.HasStatus)
            value.Remove("status");
        return value;
    }

    /// <summary>Refuses an object whose apiVersion or kind is another than the URL's.</summary>
    public static void RequireType(ResourceType type, JsonObject body)
    {
        if (body.Text("apiVersion") is { Length: > 0 } version && version != type.ApiVersion)
        {
            throw KubeFailure.BadRequest($"the API version in the data ({version}) does not match the expected API "
                + $"version ({type.ApiVersion})");
        }
        if (body.Text("kind") is { Length: > 0 } kind && kind != type.Kind)
        {
            throw KubeFailure.BadRequest(
                $"the kind in the data ({kind}) does not match the expected kind ({type.Kind})");
        }
    }

    private static void SetName(ResourceType type, JsonObject metadata, Identities ids)
    {
        if (!string.IsNullOrEmpty(metadata.Text("name")))
            return;
        if (metadata.Text("generateName") is not { Length: > 0 } prefix)
        {
            throw KubeFailure.Invalid(
                type, "", [FieldError.Required("metadata.name", "name or generateName is required")]);
        }
        metadata["name"] = prefix + ids.NewSuffix();
    }

    private static void SetNamespace(ResourceType type, string? ns, JsonObject metadata)
    {
        if (!type.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        if (metadata.Text("namespace") is { Length: > 0 } own && own != ns)
        {
            throw KubeFailure.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["namespace"] = ns;
    }
}
