using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// State that outlives the pod. Two daemons on one state directory destroy it, so a copy belongs to one pod, and a
/// slot's volume to the one pod that can bear the slot's name.
/// </summary>
internal static class CacheVolume
{
    private const string MountPath = "/cache";

    // Makes the folder and gives it to BuildKit's user, who could not write to a fresh volume. A group for the whole
    // volume (fsGroup) would do it without, but marks its folders, and so ends up in the images that are built.
    private const string Script = "mkdir -p \"$0\" && chown 1000:1000 \"$0\" && chmod 0700 \"$0\"";

    /// <summary>
    /// The profiles see the same files under different user ids, so each has a folder of its own in the volume.
    /// </summary>
    public static string Folder(BuilderProfile profile) =>
        profile == BuilderProfile.UserNamespaces ? "user-namespaces" : "host-users";

    public static string ClaimName(string pool, int slot) => Slot.PodName(pool, slot) + "-cache";

    public static JsonObject Volume(CacheSpec cache)
    {
        var volume = new JsonObject { ["name"] = BuilderPaths.StateVolume };
        if (cache.Kind == CacheKind.Slot)
            // Which claim it is depends on the slot: see PodTemplate.
            volume["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "" };
        else
            volume["ephemeral"] = new JsonObject
            {
                ["volumeClaimTemplate"] = new JsonObject { ["spec"] = ClaimSpec(cache, "ReadWriteOnce") },
            };
        return volume;
    }

    /// <summary>
    /// The volume of a slot. It goes with its pool, not with its pods; but the pool does not wait for it, as it stays
    /// until the last job that uses it has ended.
    /// </summary>
    public static JsonObject Claim(PoolKey pool, string poolUid, int slot, CacheSpec cache) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "PersistentVolumeClaim",
        ["metadata"] = new JsonObject
        {
            ["name"] = ClaimName(pool.Name, slot),
            ["namespace"] = pool.Namespace,
            ["labels"] = new JsonObject
            {
                [PodLabels.ManagedBy] = PodLabels.ManagedByValue,
                [PodLabels.Pool] = pool.Name,
            },
            ["ownerReferences"] = new JsonArray(PodJson.OwnedBy(pool, poolUid, blocks: false)),
        },
        ["spec"] = ClaimSpec(cache, "ReadWriteOncePod"),
    };

    /// <summary>Runs before the sidecar, as root with three rights that Pod Security <c>baseline</c> allows.</summary>
    public static JsonObject Preparation(string image, BuilderProfile profile) => new()
    {
        ["name"] = BuilderPaths.CacheContainer,
        ["image"] = image,
        ["command"] = new JsonArray("sh", "-c", Script, $"{MountPath}/{Folder(profile)}"),
        ["securityContext"] = new JsonObject
        {
            ["runAsUser"] = 0,
            ["runAsGroup"] = 0,
            ["runAsNonRoot"] = false,
            ["allowPrivilegeEscalation"] = false,
            ["capabilities"] = new JsonObject
            {
                ["drop"] = new JsonArray("ALL"),
                ["add"] = new JsonArray("CHOWN", "DAC_OVERRIDE", "FOWNER"),
            },
        },
        ["resources"] = new JsonObject
        {
            ["requests"] = new JsonObject { ["cpu"] = "10m", ["memory"] = "16Mi" },
            ["limits"] = new JsonObject { ["memory"] = "64Mi" },
        },
        ["volumeMounts"] = new JsonArray(PodJson.Mount(BuilderPaths.StateVolume, MountPath)),
    };

    private static JsonObject ClaimSpec(CacheSpec cache, string access)
    {
        var spec = new JsonObject
        {
            ["accessModes"] = new JsonArray(access),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = cache.Size } },
        };
        if (cache.StorageClass is { } name)
            spec["storageClassName"] = name;
        if (cache.Snapshot is { } snapshot)
            spec["dataSource"] = new JsonObject
            {
                ["apiGroup"] = "snapshot.storage.k8s.io",
                ["kind"] = "VolumeSnapshot",
                ["name"] = snapshot,
            };
        return spec;
    }
}
