using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>Our pods as objects of the store, and back.</summary>
internal static class PodObjects
{
    public const string Namespace = "default";
    public const string PoolLabel = "runnerscaler.io/pool";
    public const string SlotLabel = "runnerscaler.io/slot";
    public const string ClaimAnnotation = "runnerscaler.io/claim";
    public const string RevisionAnnotation = "runnerscaler.io/revision";
    public const string ProtectAnnotation = "karpenter.sh/do-not-disrupt";

    /// <summary>Deleted pods get this long to end.</summary>
    public const int GraceSeconds = 30;

    public static JsonObject New(Pool pool, int slot, string name)
    {
        var pod = Of(name, new()
        {
            [PoolLabel] = pool.Key.Name,
            [SlotLabel] = slot.ToString(CultureInfo.InvariantCulture),
        });
        pod.Metadata()["annotations"] = new JsonObject { [ClaimAnnotation] = "", [RevisionAnnotation] = pool.Revision };
        return pod;
    }

    public static JsonObject Of(string name, JsonObject labels) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
        ["spec"] = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "runner", ["image"] = "runner:1" }),
        },
    };

    /// <summary>The pool's name, if the pod is one of ours.</summary>
    public static string? PoolOf(StoredObject pod) => pod.Value.Text("metadata", "labels", PoolLabel);

    public static PodFacts? Facts(StoredObject pod)
    {
        var value = pod.Value;
        if (PoolOf(pod) is not { } pool || !int.TryParse(value.Text("metadata", "labels", SlotLabel), out var slot))
            return null;
        var state = value.Objects("status", "containerStatuses").FirstOrDefault().At("state");
        var asked = value.Time("metadata", "deletionTimestamp");
        var scheduled = value.Objects("status", "conditions")
            .FirstOrDefault(c => c.Text("type") == "PodScheduled" && c.Text("status") == "True");
        return new PodFacts
        {
            Pool = new(pod.Namespace, pool),
            Slot = slot,
            Uid = pod.Uid,
            ResourceVersion = Versions.Write(pod.Version),
            Phase = Enum.TryParse<PodPhase>(value.Text("status", "phase"), out var phase) ? phase : PodPhase.Unknown,
            CreatedAt = value.Time("metadata", "creationTimestamp") ?? default,
            ScheduledAt = scheduled.Time("lastTransitionTime"),
            StartedAt = state.Time("running", "startedAt") ?? state.Time("terminated", "startedAt"),
            DeletingSince = asked?.AddSeconds(-(value.Number("metadata", "deletionGracePeriodSeconds") ?? 0)),
            Node = value.Text("spec", "nodeName"),
            WaitingReason = state.Text("waiting", "reason"),
            Revision = value.Text("metadata", "annotations", RevisionAnnotation) ?? "",
            Mark = ReadMark(value.Text("metadata", "annotations", ClaimAnnotation)),
            Protected = value.Text("metadata", "annotations", ProtectAnnotation) == "true",
            Exit = ExitOf(value, state),
        };
    }

    public static string Write(Grant? grant) => grant is null ? "" : JsonSerializer.Serialize(grant);

    private static Mark? ReadMark(string? text) =>
        string.IsNullOrEmpty(text) || JsonSerializer.Deserialize<Grant>(text) is not { } grant
            ? null
            : new(text, grant.Attempt, grant.At, grant.Target.Owner, grant.Target.Repository)
            {
                RunnerName = grant.RunnerName,
            };

    private static PodExit? ExitOf(JsonObject pod, JsonNode? state)
    {
        var (ended, outside) = (state.At("terminated"), pod.Text("status", "reason"));
        if (ended is null && pod.Text("status", "phase") != "Failed")
            return null;
        var ran = ended.Text("message") is { Length: > 0 } message
            ? JsonNode.Parse(message).IsTrue("ranJob")
            : (bool?)null;
        var reason = outside ?? ended.Text("reason") ?? "";
        return new((int?)ended.Number("exitCode"), reason, ran, ended.Time("finishedAt"))
        {
            FromOutside = outside is not null,
            NeverRan = ended is null,
            Message = pod.Text("status", "message"),
        };
    }
}
