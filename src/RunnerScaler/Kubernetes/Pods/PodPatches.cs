using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>The changes we make to a pod.</summary>
internal static class PodPatches
{
    private const string OwnersPath = "/metadata/ownerReferences";
    private const string PoolUidPath = "/metadata/annotations/runnerscaler.io~1pool-uid";
    private const string ClaimPath = "/metadata/annotations/runnerscaler.io~1claim";

    /// <summary>
    /// A JSON Patch (<see href="https://www.rfc-editor.org/rfc/rfc6902">RFC 6902</see>) whose tests make it a
    /// compare-and-swap: the API server applies all of it or nothing. In the same step the pod gets out of its pool's
    /// hands, or back into them: who may have a job has no owner with which it could be collected.
    /// </summary>
    public static JsonArray Mark(PodFacts pod, Grant? expected, Grant? grant)
    {
        var steps = new JsonArray(
            Step("test", "/metadata/uid", pod.Uid),
            Step("test", ClaimPath, TextOf(pod, expected)),
            Step("replace", ClaimPath, MarkJson.Write(grant)));
        if (pod.PoolUid.Length == 0)
            return steps;
        steps.Add((JsonNode)Step("add", PoolUidPath, pod.PoolUid));
        var owners = grant is null ? new JsonArray(PodJson.OwnedBy(pod.Pool, pod.PoolUid)) : [];
        steps.Add((JsonNode)Step("add", OwnersPath, owners));
        return steps;
    }

    /// <summary>A merge patch that keeps autoscalers away. The uid makes it fail on another pod of the name.</summary>
    public static JsonObject Protect(string uid) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = uid,
            ["annotations"] = new JsonObject { [Marks.SafeToEvict] = "false", [Marks.DoNotDisrupt] = "true" },
        },
    };

    /// <summary>What a pod that has this identity bears; it may be in another version's words.</summary>
    public static string TextOf(PodFacts pod, Grant? expected) =>
        expected is not null && pod.Mark is { } mark && mark.Attempt == expected.Attempt
            ? mark.Text
            : MarkJson.Write(expected);

    private static JsonObject Step(string operation, string path, JsonNode value) =>
        new() { ["op"] = operation, ["path"] = path, ["value"] = value };
}
