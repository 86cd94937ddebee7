using System.Globalization;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// Reads of a pod what decisions need, and nothing else: the rest would be kept in memory for nothing.
/// </summary>
internal static class PodReader
{
    internal const int LongestMessage = 300;

    private const int LongestQuantity = 20;

    /// <summary>The facts, or null if the pod is none of ours: its labels or its name say something else.</summary>
    public static PodFacts? Read(JsonElement pod)
    {
        var metadata = pod.Member("metadata");
        var labels = metadata.Member("labels");
        if (labels.Text(PodLabels.ManagedBy) != PodLabels.ManagedByValue
            || labels.Text(PodLabels.Pool) is not { Length: > 0 } pool
            || !int.TryParse(labels.Text(PodLabels.Slot), NumberStyles.None, CultureInfo.InvariantCulture, out var slot)
            || metadata.Text("name") != Slot.PodName(pool, slot))
            return null;
        var key = new PoolKey(metadata.Text("namespace") ?? "", pool);
        return Read(pod, metadata, key, slot);
    }

    private static PodFacts Read(JsonElement? pod, JsonElement? metadata, PoolKey pool, int slot)
    {
        var status = pod.Member("status");
        var annotations = metadata.Member("annotations");
        var scheduled = PodConditions.Find(status, "PodScheduled");
        var runner = Runner(status);
        var waiting = PodConditions.Waiting(status, scheduled);
        var (owner, poolUid) = (Owner(metadata), annotations.Text(PodLabels.PoolUid));
        return new PodFacts
        {
            Pool = pool,
            PoolUid = owner ?? poolUid ?? "",
            // A pool that is deleted as an orphan takes the owner away, too, but writes nothing.
            Released = owner is null && poolUid is not null,
            Slot = slot,
            Uid = metadata.Text("uid") ?? "",
            ResourceVersion = metadata.Text("resourceVersion") ?? "",
            Phase = PhaseOf(status.Text("phase")),
            CreatedAt = metadata.Time("creationTimestamp") ?? DateTimeOffset.UnixEpoch,
            ScheduledAt = scheduled.Text("status") == "True" ? scheduled.Time("lastTransitionTime") : null,
            AcceptedAt = status.Time("startTime"),
            StartedAt = PodExits.StartOf(runner),
            DeletingSince = DeletingSince(metadata),
            Node = pod.Member("spec").Text("nodeName"),
            MemoryLimit = MemoryLimit(pod.Member("spec")),
            WaitingReason = waiting.Reason?.Shown(),
            WaitingMessage = waiting.Message is { } message ? PlainText.Line(message, LongestMessage) : null,
            Revision = annotations.Text(PodLabels.Revision) ?? "",
            ClaimAnnotation = ClaimAnnotationJson.Read(annotations.Text(PodLabels.Claim)),
            Protected =
                annotations.Text(PodLabels.SafeToEvict) == "false"
                    && annotations.Text(PodLabels.DoNotDisrupt) == "true",
            HasJob = annotations.Text(PodLabels.HasJob) == "true",
            DescribedJob = JobDescription.IdIn(metadata.Member("labels")),
            Exit = PodExits.Read(status, runner),
        };
    }

    // The parser of enums would take numbers too.
    private static PodPhase PhaseOf(string? word) =>
        Enum.GetValues<PodPhase>().FirstOrDefault(p => p.ToString() == word, PodPhase.Pending);

    private static JsonElement? Runner(JsonElement? status)
    {
        foreach (var container in status.Each("containerStatuses"))
            if (container.Text("name") == PodLabels.RunnerContainer)
                return container;
        return null;
    }

    private static string? MemoryLimit(JsonElement? spec)
    {
        foreach (var container in spec.Each("containers"))
            if (container.Text("name") == PodLabels.RunnerContainer)
                return container.Member("resources").Member("limits").Text("memory")?.Shown(LongestQuantity);
        return null;
    }

    private static string? Owner(JsonElement? metadata)
    {
        foreach (var owner in metadata.Each("ownerReferences"))
            if (owner.Text("kind") == ResourcePaths.PoolKind)
                return owner.Text("uid");
        return null;
    }

    // The API shows when the pod will be killed, which is the grace period after it was asked to go.
    private static DateTimeOffset? DeletingSince(JsonElement? metadata) =>
        metadata.Time("deletionTimestamp")?.AddSeconds(-(metadata.Number("deletionGracePeriodSeconds") ?? 0));
}
