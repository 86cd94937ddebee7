using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Patching;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>How the body of a PATCH is to be read.</summary>
internal enum PatchKind
{
    Json,
    Merge,
    Strategic,
    Apply,
}

/// <summary>A patch and who makes it.</summary>
/// <param name="Manager">The field manager; needed for <see cref="PatchKind.Apply"/>.</param>
/// <param name="Force">Take fields over from other managers instead of answering 409.</param>
internal sealed record Patch(PatchKind Kind, JsonNode Body, string Manager = "unknown", bool Force = false);

/// <summary>Patches and pods' own subresources.</summary>
internal sealed partial class ObjectStore
{
    /// <summary>Applies a patch to the current state, atomically. Server-side apply creates what is missing.</summary>
    /// <exception cref="KubeFailure">
    /// 404, 409 when the patch names another resourceVersion or conflicts with another manager, 415 when the type does
    /// not know this kind of patch, 422 when a JSON Patch does not apply or the result is invalid.
    /// </exception>
    public StoredObject Patch(
        ResourceType type, string? ns, string name, Patch patch, Part part = Part.Main, WriteOptions? options = null)
    {
        lock (gate)
        {
            if (patch.Kind == PatchKind.Apply)
                return Apply(type, ns, name, patch, part, options);
            return Modify(type, ns, name, current => Patched(type, current, patch), part, options);
        }
    }

    /// <summary>Puts a pod onto a node, as the scheduler does through <c>pods/binding</c>.</summary>
    /// <exception cref="KubeFailure">409 when the pod is on a node already or is being deleted.</exception>
    public StoredObject Bind(string ns, string name, string node)
    {
        lock (gate)
        {
            var pod = Get(KnownTypes.Pods, ns, name);
            if (pod.Value.Text("spec", "nodeName") is { Length: > 0 } taken)
            {
                throw new KubeFailure(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{name}\": pod "
                    + $"{name} is already assigned to node \"{taken}\"");
            }
            if (pod.Value.IsDeleting())
                throw new KubeFailure(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{name}\": pod "
                    + $"{name} is being deleted, cannot be assigned to a host");
            var bound = pod.Copy();
            bound["spec"]!["nodeName"] = node;
            if (bound["status"] is not JsonObject status)
                bound["status"] = status = [];
            Conditions.Set(status, "PodScheduled", "True", null, null, Now);
            return committed.Put(KnownTypes.Pods, pod, bound);
        }
    }

    internal static JsonObject Patched(ResourceType type, JsonObject current, Patch patch)
    {
        switch (patch.Kind)
        {
            case PatchKind.Json:
                return JsonPatch.Apply(current, patch.Body) as JsonObject
                    ?? throw KubeFailure.BadRequest("the patched object is no object");
            case PatchKind.Merge when patch.Body is JsonObject:
                return MergePatch.Apply(current, patch.Body)!.AsObject();
            case PatchKind.Strategic when type.IsCustom || type == KnownTypes.CustomResourceDefinitions:
                throw KubeFailure.UnsupportedMediaType(
                    "the body of the request was in an unknown format - accepted media "
                    + "types include: application/json-patch+json, application/merge-patch+json, "
                    + "application/apply-patch+yaml");
            case PatchKind.Strategic when patch.Body is JsonObject body:
                StrategicMerge.Apply(current, body, ListShape.Root(type));
                return current;
            default:
                throw KubeFailure.BadRequest("the patch is no JSON object");
        }
    }

    private StoredObject Apply(
        ResourceType type, string? ns, string name, Patch patch, Part part, WriteOptions? options)
    {
        var applied = patch.Body as JsonObject ?? throw KubeFailure.BadRequest("the patch is no JSON object");
        Creation.RequireType(type, applied);
        if (applied.Text("apiVersion") is null || applied.Text("kind") is null)
            throw KubeFailure.BadRequest("the applied object must have apiVersion and kind");
        if (Find(type, ns, name) is not { } current)
        {
            if (part == Part.Status)
                throw KubeFailure.NotFound(type, name);
            var body = applied.DeepClone().AsObject();
            body.Metadata()["name"] = name;
            var created = Create(type, ns, body, options);
            return options?.DryRun == true ? created : Remember(created, patch, applied);
        }
        RequireNoConflict(current, patch);
        var next = current.Copy();
        List<JsonObject> others = [.. current.Applied.Where(a => a.Key != patch.Manager).Select(a => a.Value)];
        var previous = current.Applied.GetValueOrDefault(patch.Manager);
        ApplyMerge.Apply(next, previous, applied, others, ListShape.Root(type));
        var changed = Commit(current, Revision.Prepare(current, next, part), part, options);
        return options?.DryRun == true ? changed : Remember(changed, patch, applied);
    }

    /// <summary>Keeps what a manager applied; that is not part of the object, so no version is spent on it.</summary>
    private StoredObject Remember(StoredObject item, Patch patch, JsonObject applied)
    {
        var managers = item.Applied.SetItem(patch.Manager, applied.DeepClone().AsObject());
        return committed.Replace(item, managers);
    }

    private static void RequireNoConflict(StoredObject current, Patch patch)
    {
        if (!patch.Force && current.Applied.Keys.FirstOrDefault(manager => manager != patch.Manager) is { } other)
            throw new KubeFailure(409, "Conflict", $"Apply failed: \"{other}\" has applied this object, and the "
                + "sandbox does not know which of its fields are whose. Apply with force=true.");
    }
}
