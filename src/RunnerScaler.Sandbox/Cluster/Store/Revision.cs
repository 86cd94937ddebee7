using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>Which part of an object a write is about.</summary>
internal enum Part
{
    /// <summary>All but the status of a type that has the status subresource.</summary>
    Main,

    /// <summary>The status alone.</summary>
    Status,
}

/// <summary>Turns what a client sends to replace an object into its next state.</summary>
internal static class Revision
{
    private static readonly string[] ServerFields =
    [
        "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "namespace",
        "generateName", "resourceVersion",
    ];

    /// <summary>The next state; equal to the current one when nothing changes.</summary>
    /// <param name="next">What the client wants; it is changed.</param>
    /// <exception cref="KubeFailure">409 when the client's version or uid is not the current one.</exception>
    public static JsonObject Prepare(StoredObject current, JsonObject next, Part part)
    {
        var type = current.Type;
        Creation.RequireType(type, next);
        RequireSame(current, next);
        Meta.DropNulls(type.IsCustom ? next["metadata"] : next);
        RestoreServerFields(current.Value, next);
        if (part == Part.Status)
            next = StatusOnly(current, next);
        else if (type.HasStatus)
            Restore(current.Value, next, "status");
        next["kind"] = type.Kind;
        next["apiVersion"] = type.ApiVersion;
        return next;
    }

    /// <summary>Counts the generation up when the desired state changed.</summary>
    public static void CountGeneration(ResourceType type, JsonObject before, JsonObject after)
    {
        if (!type.HasGeneration || JsonNode.DeepEquals(Desired(type, before), Desired(type, after)))
            return;
        after.Metadata()["generation"] = (before.Number("metadata", "generation") ?? 0) + 1;
    }

    /// <exception cref="KubeFailure">400 when the object has another name than the URL.</exception>
    public static void RequireName(JsonObject value, string expected)
    {
        if (value.Text("metadata", "name") is { Length: > 0 } name && name != expected)
        {
            throw KubeFailure.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({expected})");
        }
    }

    private static void RequireSame(StoredObject current, JsonObject next)
    {
        var type = current.Type;
        RequireName(next, current.Name);
        if (next.Text("metadata", "uid") is { Length: > 0 } uid && uid != current.Uid)
        {
            throw KubeFailure.Conflict(type, current.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }
        var version = Versions.Read(next.Text("metadata", "resourceVersion")) ?? 0;
        if (version == 0 && !type.UpdatesUnconditionally)
        {
            throw KubeFailure.Invalid(type, current.Name,
                [FieldError.Invalid("metadata.resourceVersion", "0x0", "must be specified for an update")]);
        }
        if (version != 0 && version != current.Version)
            throw KubeFailure.Stale(type, current.Name);
    }

    private static void RestoreServerFields(JsonObject current, JsonObject next)
    {
        var metadata = next.Metadata();
        metadata.Remove("selfLink");
        metadata.Remove("managedFields");
        metadata["name"] = current.Text("metadata", "name");
        foreach (var field in ServerFields)
            Restore(current.Metadata(), metadata, field);
    }

    private static JsonObject StatusOnly(StoredObject current, JsonObject next)
    {
        var result = current.Copy();
        Restore(next, result, "status");
        if (current.Type.IsCustom)
            return result;
        // Built-in types let /status change labels and annotations as well, but never the owners.
        Restore(next.Metadata(), result.Metadata(), "labels");
        Restore(next.Metadata(), result.Metadata(), "annotations");
        Restore(next.Metadata(), result.Metadata(), "finalizers");
        return result;
    }

    private static void Restore(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
            to[field] = value.DeepClone();
        else
            to.Remove(field);
    }

    private static JsonObject Desired(ResourceType type, JsonObject value)
    {
        var copy = value.DeepClone().AsObject();
        copy.Remove("metadata");
        if (type.HasStatus)
            copy.Remove("status");
        return copy;
    }
}
