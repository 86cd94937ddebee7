using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>The pod of a pool, but for the slot.</summary>
internal sealed class PodTemplate
{
    private readonly JsonObject pod;
    private readonly PoolKey pool;

    /// <param name="pool">The pool's name.</param>
    /// <param name="pod">The pod without name, slot and revision; owned by the shape from here on.</param>
    /// <param name="cache">How its builder's state outlives it, if it does.</param>
    public PodTemplate(PoolKey pool, JsonObject pod, CacheSpec? cache)
    {
        this.pool = pool;
        this.pod = pod;
        Cache = cache;
        Revision = CanonicalJson.Hash(pod);
        pod["metadata"]!["annotations"]![PodLabels.Revision] = Revision;
    }

    /// <summary>Names everything that shapes the pod: pods of two revisions differ in more than their slot.</summary>
    public string Revision { get; }

    public CacheSpec? Cache { get; }

    /// <summary>Those of a pod that has no identity yet; not to be changed.</summary>
    public JsonObject Annotations => pod["metadata"]!["annotations"]!.AsObject();

    /// <param name="slot">The slot.</param>
    /// <param name="purpose">Why the pod is made: for people.</param>
    public JsonObject ForSlot(int slot, PodPurpose purpose = PodPurpose.AskedAgain)
    {
        var made = (JsonObject)pod.DeepClone();
        var metadata = made["metadata"]!;
        metadata["name"] = Slot.PodName(pool.Name, slot);
        metadata["labels"]![PodLabels.Slot] = slot.ToString(CultureInfo.InvariantCulture);
        if (purpose != PodPurpose.AskedAgain)
            metadata["annotations"]![PodLabels.CreatedFor] = purpose.ToString();
        if (Cache is { Kind: CacheKind.Slot })
            UseClaimOf(made["spec"]!.AsObject(), slot);
        return made;
    }

    // Only where the claim is still open: a template may have put another volume in its place.
    private void UseClaimOf(JsonObject spec, int slot)
    {
        foreach (var volume in PodJson.Entries(spec, "volumes").OfType<JsonObject>())
            if (volume["persistentVolumeClaim"] is JsonObject claim && PodJson.TextOf(claim, "claimName") == "")
                claim["claimName"] = CacheVolume.ClaimName(pool.Name, slot);
    }
}
