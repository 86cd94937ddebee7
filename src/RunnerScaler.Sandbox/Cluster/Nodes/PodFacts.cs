using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>A container as its pod declares it.</summary>
/// <param name="IsSidecar">An init container that keeps running (restartPolicy Always).</param>
internal sealed record ContainerFacts(string Name, string Image, bool IsSidecar);

/// <summary>What a node and a scheduler read from a pod.</summary>
/// <param name="Deadline">When the grace period ends; null while nobody asked for the deletion.</param>
internal sealed record PodFacts(
    string Namespace, string Name, string Uid, string? NodeName, string Phase,
    IReadOnlyList<ContainerFacts> InitContainers, IReadOnlyList<ContainerFacts> Containers, DateTimeOffset? Deadline,
    PodResources Requests, IReadOnlyDictionary<string, string> NodeSelector)
{
    /// <summary>The name of the container that is the pod's program, when a pod has several.</summary>
    public const string ProgramContainer = "runner";

    public bool IsDeleting => Deadline is not null;

    public bool IsFinished => Phase is "Succeeded" or "Failed";

    public bool IsPending => NodeName is null && !IsFinished && !IsDeleting;

    /// <summary>The container whose end is the end of the pod's program; the others run as long as the pod.</summary>
    public ContainerFacts Program => Containers.FirstOrDefault(c => c.Name == ProgramContainer) ?? Containers[0];

    public static PodFacts Of(JsonObject pod)
    {
        var spec = pod["spec"];
        return new PodFacts(
            pod.Text("metadata", "namespace") ?? "",
            pod.Text("metadata", "name") ?? "",
            pod.Text("metadata", "uid") ?? "",
            spec.Text("nodeName") is { Length: > 0 } node ? node : null, pod.Text("status", "phase") ?? "Pending",
            Declared(spec, "initContainers"), Declared(spec, "containers"),
            pod.Time("metadata", "deletionTimestamp"), PodResources.RequestedBy(spec),
            (spec.At("nodeSelector") as JsonObject ?? []).ToDictionary(p => p.Key, p => p.Value.Text() ?? ""));
    }

    private static List<ContainerFacts> Declared(JsonNode? spec, string list) =>
        [.. spec.Objects(list).Select(c => new ContainerFacts(
            c.Text("name") ?? "", c.Text("image") ?? "",
            list == "initContainers" && c.Text("restartPolicy") == "Always"))];
}
