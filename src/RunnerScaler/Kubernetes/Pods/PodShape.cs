using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Scaling;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>The pod of a pool, but for the slot.</summary>
internal sealed class PodShape
{
    private readonly JsonObject pod;
    private readonly string pool;

    /// <param name="pool">The pool's name.</param>
    /// <param name="pod">The pod without name, slot and revision; owned by the shape from here on.</param>
    public PodShape(string pool, JsonObject pod)
    {
        this.pool = pool;
        this.pod = pod;
        Revision = CanonicalJson.Hash(pod);
        pod["metadata"]!["annotations"]![Marks.Revision] = Revision;
    }

    /// <summary>Names everything that shapes the pod: pods of two revisions differ in more than their slot.</summary>
    public string Revision { get; }

    public JsonObject ForSlot(int slot)
    {
        var made = (JsonObject)pod.DeepClone();
        var metadata = made["metadata"]!;
        metadata["name"] = Slot.PodName(pool, slot);
        metadata["labels"]![Marks.Slot] = slot.ToString(CultureInfo.InvariantCulture);
        return made;
    }
}
