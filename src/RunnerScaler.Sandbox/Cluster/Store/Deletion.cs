using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// How to delete; see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/.
/// </summary>
/// <param name="GraceSeconds">Seconds to let a pod end; null for the pod's own, 0 for at once.</param>
/// <param name="Uid">Only when the object still has this uid.</param>
/// <param name="Version">Only when the object is still at this resourceVersion.</param>
/// <param name="Orphan">Leave the dependents, without their owner reference, instead of deleting them.</param>
/// <param name="Foreground">Delete the dependents first, and wait for those that block it.</param>
internal sealed record DeleteOptions(
    long? GraceSeconds = null, string? Uid = null, long? Version = null, bool Orphan = false, bool DryRun = false,
    bool Foreground = false)
{
    public static DeleteOptions Default { get; } = new();

    public static DeleteOptions AtOnce { get; } = new(GraceSeconds: 0);

    /// <summary>Reads the body of a DELETE request; null for an empty one.</summary>
    public static DeleteOptions From(JsonObject? body) => body is null ? Default : new DeleteOptions(
        body.Number("gracePeriodSeconds"),
        body.Text("preconditions", "uid"),
        Versions.Read(body.Text("preconditions", "resourceVersion")),
        body.Text("propagationPolicy") == "Orphan" || body.IsTrue("orphanDependents"),
        body.At("dryRun") is JsonArray { Count: > 0 },
        body.Text("propagationPolicy") == "Foreground");
}

/// <summary>What became of a delete.</summary>
/// <param name="Item">The last state, or the state that waits for the node or for finalizers.</param>
/// <param name="Gone">Whether the object is removed.</param>
internal sealed record DeleteResult(StoredObject Item, bool Gone);

/// <summary>Decides what a delete does to an object now. Pure.</summary>
internal static class Deletion
{
    /// <summary>The state that the object waits in, or null when it is to be removed now.</summary>
    /// <exception cref="KubeFailure">409 when a precondition does not hold.</exception>
    public static JsonObject? Waiting(StoredObject current, DeleteOptions options, DateTimeOffset now)
    {
        RequirePreconditions(current, options);
        var grace = Grace(current, options);
        var before = current.Value.Number("metadata", "deletionGracePeriodSeconds");
        if (grace == 0 && !current.Value.HasFinalizers())
            return null;
        if (before <= grace)
            return current.Value;
        return Marked(current, grace, now);
    }

    /// <summary>
    /// The object as it waits with a grace of some seconds, counted from when its deletion was first asked for. Pods
    /// are seen like this even with a grace of 0, just before they are removed.
    /// </summary>
    public static JsonObject Marked(StoredObject current, long grace, DateTimeOffset now)
    {
        var before = current.Value.Number("metadata", "deletionGracePeriodSeconds");
        var asked = current.Value.Time("metadata", "deletionTimestamp")?.AddSeconds(-(before ?? 0)) ?? now;
        var next = current.Copy();
        var metadata = next.Metadata();
        metadata["deletionTimestamp"] = Meta.Stamp(asked.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (before is null && metadata.Number("generation") is { } generation)
            metadata["generation"] = generation + 1;
        return next;
    }

    /// <summary>Whether an update of a deleted object was the last thing it waited for.</summary>
    public static bool IsOver(JsonObject before, JsonObject after) =>
        before.IsDeleting() && !after.HasFinalizers()
        && before.Number("metadata", "deletionGracePeriodSeconds") == 0 && after.IsDeleting();

    private static long Grace(StoredObject current, DeleteOptions options)
    {
        if (current.Type != KnownTypes.Pods)
            return 0;
        var isOnNode = current.Value.Text("spec", "nodeName") is { Length: > 0 };
        var isFinished = current.Value.Text("status", "phase") is "Succeeded" or "Failed";
        if (!isOnNode || isFinished)
            return 0;
        return options.GraceSeconds ?? current.Value.Number("metadata", "deletionGracePeriodSeconds")
            ?? current.Value.Number("spec", "terminationGracePeriodSeconds") ?? 30;
    }

    private static void RequirePreconditions(StoredObject current, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != current.Uid)
        {
            throw KubeFailure.Conflict(current.Type, current.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }
        if (options.Version is { } version && version != current.Version)
        {
            throw KubeFailure.Conflict(current.Type, current.Name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: "
                + Versions.Write(current.Version));
        }
    }
}
