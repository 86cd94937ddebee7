using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>Our pods as objects of the store, read as the controller reads them.</summary>
internal static class PodObjects
{
    public const string Namespace = "default";

    /// <summary>Deleted pods get this long to end.</summary>
    public const int GraceSeconds = 30;

    public static JsonObject New(Pool pool, string uid, int slot, string name)
    {
        var pod = Of(name, new()
        {
            [PodLabels.ManagedBy] = PodLabels.ManagedByValue,
            [PodLabels.Pool] = pool.Key.Name,
            [PodLabels.Slot] = slot.ToString(CultureInfo.InvariantCulture),
        });
        var metadata = pod.Metadata();
        metadata["annotations"] = new JsonObject { [PodLabels.Claim] = "", [PodLabels.Revision] = pool.Revision };
        metadata["ownerReferences"] = new JsonArray(PodJson.OwnedBy(pool.Key, uid));
        return pod;
    }

    public static JsonObject Of(string name, JsonObject labels) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
        ["spec"] = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["containers"] =
                new JsonArray(new JsonObject { ["name"] = PodLabels.RunnerContainer, ["image"] = "runner:1" }),
        },
    };

    /// <summary>The pool's name, if the pod is one of ours.</summary>
    public static string? PoolOf(StoredObject pod) => pod.Value.Text("metadata", "labels", PodLabels.Pool);

    /// <summary>What the controller makes of it; a name that is not the slot's is not looked at.</summary>
    public static PodFacts? Facts(StoredObject pod, bool anyName)
    {
        using var text = JsonDocument.Parse(anyName ? Renamed(pod) : pod.Json);
        return PodReader.Read(text.RootElement);
    }

    private static ReadOnlyMemory<byte> Renamed(StoredObject pod)
    {
        var copy = pod.Copy();
        if (PoolOf(pod) is { } pool && int.TryParse(copy.Text("metadata", "labels", PodLabels.Slot), out var slot))
            copy.Metadata()["name"] = Slot.PodName(pool, slot);
        return JsonSerializer.SerializeToUtf8Bytes(copy);
    }
}
