using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>The changes we make to a pod.</summary>
internal static class PodPatches
{
    private const string OwnersPath = "/metadata/ownerReferences";
    private const string PoolUidPath = "/metadata/annotations/runnerscaler.io~1pool-uid";
    private const string ClaimPath = "/metadata/annotations/runnerscaler.io~1claim";
    private const string Annotations = "/metadata/annotations/";

    /// <summary>
    /// A JSON Patch (<see href="https://www.rfc-editor.org/rfc/rfc6902">RFC 6902</see>) whose tests make it a
    /// compare-and-swap: the API server applies all of it or nothing. In the same step the pod gets out of its pool's
    /// hands and is protected from eviction, or the other way round: who may have a job has no owner with which it
    /// could be collected, and an identity is given only where a job waits for it.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="expected">The identity that it has; null for none.</param>
    /// <param name="grant">The one that it is to have.</param>
    /// <param name="template">The annotations of the pool's pods: what a pod without an identity has.</param>
    public static JsonArray SetGrant(PodFacts pod, Grant? expected, Grant? grant, JsonObject? template)
    {
        var steps = new JsonArray(
            Step("test", "/metadata/uid", pod.Uid),
            Step("test", ClaimPath, TextOf(pod, expected)),
            Step("replace", ClaimPath, ClaimAnnotationJson.Write(grant)));
        foreach (var (name, value) in Protection)
            Set(steps, name, grant is null ? PodJson.TextOf(template ?? [], name) : value);
        if (pod.PoolUid.Length == 0)
            return steps;
        steps.Add((JsonNode)Step("add", PoolUidPath, pod.PoolUid));
        var owners = grant is null ? new JsonArray(PodJson.OwnedBy(pod.Pool, pod.PoolUid)) : [];
        steps.Add((JsonNode)Step("add", OwnersPath, owners));
        return steps;
    }

    /// <summary>
    /// A merge patch that keeps autoscalers away, and says that there is a job. The uid makes it fail on another pod of
    /// the name.
    /// </summary>
    public static JsonObject Protect(string uid) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = uid,
            ["annotations"] = new JsonObject(
            [
                .. Protection.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Value)),
                    new(PodLabels.HasJob, "true"),
            ]),
        },
    };

    /// <summary>
    /// A merge patch that says which job runs in the pod. The uid makes it fail on another of the name.
    /// </summary>
    public static JsonObject Describe(string uid, Job job) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = uid,
            ["labels"] = JobDescription.Labels(job),
            ["annotations"] = JobDescription.Annotations(job),
        },
    };

    /// <summary>What a pod that has this identity has; it may be in another version's words.</summary>
    public static string TextOf(PodFacts pod, Grant? expected) =>
        expected is not null && pod.ClaimAnnotation is { } annotation && annotation.Attempt == expected.Attempt
            ? annotation.Text
            : ClaimAnnotationJson.Write(expected);

    private static (string Name, string Value)[] Protection { get; } =
        [(PodLabels.SafeToEvict, "false"), (PodLabels.DoNotDisrupt, "true")];

    // What is not there cannot be removed, but for what was added a step before.
    private static void Set(JsonArray steps, string annotation, string? value)
    {
        var path = Annotations + annotation.Replace("/", "~1", StringComparison.Ordinal);
        steps.Add((JsonNode)Step("add", path, value ?? ""));
        if (value is null)
            steps.Add((JsonNode)new JsonObject { ["op"] = "remove", ["path"] = path });
    }

    private static JsonObject Step(string operation, string path, JsonNode value) =>
        new() { ["op"] = operation, ["path"] = path, ["value"] = value };
}
