using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>Custom resources, the same at the sandbox's API server and at a real one.</summary>
public sealed class CustomResourceContractTests(ClusterFixture clusters)
{
    /// <summary>The one group of all types that are defined here.</summary>
    internal const string Group = "example.io";

    private const string Schema = """
        {"type":"object","properties":{
          "spec":{"type":"object","required":["size"],"properties":{
            "size":{"type":"integer","minimum":1,"maximum":10},
            "mode":{"type":"string","enum":["Sidecar","None"],"default":"Sidecar"},
            "template":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
          "status":{"type":"object","properties":{
            "replicas":{"type":"integer"},
            "conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
              "items":{"type":"object","required":["type"],"properties":{
                "type":{"type":"string"},"status":{"type":"string"}}}}}}}}
        """;

    private static int definitions;

    public static TheoryData<string> Servers => ClusterFixture.Servers;

    /// <summary>Defines a new custom type and waits until it is served; answers with the path of its objects.</summary>
    internal static async Task<string> DefineAsync(TestCluster cluster, string schema = Schema)
    {
        var number = Interlocked.Increment(ref definitions);
        var definition = Json($$$"""
            {"metadata":{"name":"boxes{{{number}}}.{{{Group}}}"},"spec":{"group":"{{{Group}}}","scope":"Namespaced",
             "names":{"plural":"boxes{{{number}}}","kind":"Box{{{number}}}"},"versions":[{"name":"v1","served":true,
              "storage":true,"subresources":{"status":{},
                "scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.replicas"}},
              "schema":{"openAPIV3Schema":{{{schema}}}}}]}}
            """);
        const string path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        await cluster.Http.PostAsync(path, definition, Stop);
        await UntilAsync("the definition is established", async () => Conditions.Of(
            await cluster.Http.GetAsync($"{path}/boxes{number}.{Group}", Stop), "Established") == "True");
        var boxes = $"/apis/{Group}/v1/namespaces/{cluster.Namespace}/boxes{number}";
        await cluster.UntilServedAsync(boxes);
        return boxes;
    }

    /// <summary>An object of a type that was defined here, by the path of its objects; without a spec.</summary>
    internal static JsonObject Box(string boxes) => Json($$$"""
        {"apiVersion":"{{{Group}}}/v1","kind":"{{{boxes[(boxes.LastIndexOf('/') + 1)..].Replace("boxes", "Box")}}}",
         "metadata":{"name":"box"} }
        """);

    [Theory, MemberData(nameof(Servers))]
    public async Task UnknownFieldsArePrunedAndDefaultsAreSet(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await DefineAsync(cluster);
        var box = await AddAsync(cluster, boxes, """{"size":1,"unknown":2,"template":{"any":{"thing":[1]}}}""",
            """{"replicas":9}""");
        Assert.Equal("""{"mode":"Sidecar","size":1,"template":{"any":{"thing":[1]}}}""", Sorted(box["spec"]!));
        Assert.Equal(1, box.Number("metadata", "generation"));
        Assert.Null(box["status"]);
    }

    [Theory]
    [InlineData(ClusterFixture.Sandbox, """{}""", "spec.size: Required value")]
    [InlineData(ClusterFixture.Real, """{}""", "spec.size: Required value")]
    [InlineData(ClusterFixture.Sandbox, """{"size":0}""", "spec.size in body should be greater than or equal to 1")]
    [InlineData(ClusterFixture.Real, """{"size":0}""", "spec.size in body should be greater than or equal to 1")]
    [InlineData(ClusterFixture.Sandbox, """{"size":"1"}""", "spec.size in body must be of type integer: \"string\"")]
    [InlineData(ClusterFixture.Real, """{"size":"1"}""", "spec.size in body must be of type integer: \"string\"")]
    [InlineData(ClusterFixture.Sandbox, """{"size":1,"mode":"X"}""",
        "spec.mode: Unsupported value: \"X\": supported values")]
    [InlineData(ClusterFixture.Real, """{"size":1,"mode":"X"}""",
        "spec.mode: Unsupported value: \"X\": supported values")]
    public async Task AnInvalidObjectIsRefusedWithASentence(string server, string spec, string sentence)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await DefineAsync(cluster);
        var failure = await RefusalAsync(422, "Invalid", () => AddAsync(cluster, boxes, spec));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.Contains("\"box\" is invalid: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task StatusAndSpecAreWrittenApartAndTheGenerationCountsTheSpec(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await DefineAsync(cluster);
        await AddAsync(cluster, boxes, """{"size":1}""");
        const string change = """{"spec":{"size":2},"status":{"replicas":3}}""";

        var status = await PatchAsync(cluster, $"{boxes}/box/status", change, KubeHttp.MergePatchType);
        Assert.Equal((1, 3, 1), Facts(status));
        var main = await PatchAsync(cluster, $"{boxes}/box", """{"spec":{"size":2},"status":{"replicas":4}}""",
            KubeHttp.MergePatchType);
        Assert.Equal((2, 3, 2), Facts(main));
        var labelled = await PatchAsync(
            cluster, $"{boxes}/box", """{"metadata":{"labels":{"a":"b"}}}""", KubeHttp.MergePatchType);
        Assert.Equal((2, 3, 2), Facts(labelled));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AppliedStatusIsMergedByManager(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await DefineAsync(cluster);
        await AddAsync(cluster, boxes, """{"size":1}""");
        Task<JsonObject> Apply(string manager, string status, string more = "")
        {
            var applied = Box(boxes);
            applied["status"] = Json(status);
            return PatchAsync(cluster, $"{boxes}/box/status?fieldManager={manager}{more}", applied.ToJsonString(),
                KubeHttp.ApplyPatchType);
        }

        await Apply("first", """{"replicas":1,"conditions":[{"type":"Ready","status":"True"}]}""");
        var both = await Apply("second", """{"conditions":[{"type":"Other","status":"True"}]}""", "&force=true");
        Assert.Equal(("True", "True"), (Conditions.Of(both, "Ready"), Conditions.Of(both, "Other")));

        await RefusalAsync(409, "Conflict", () => Apply("second", """{"replicas":2}"""));
        var forced = await Apply("second", """{"replicas":2}""", "&force=true");
        Assert.Equal(2, forced.Number("status", "replicas"));
        Assert.Equal(("True", null), (Conditions.Of(forced, "Ready"), Conditions.Of(forced, "Other")));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnObjectCanBeScaled(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await DefineAsync(cluster);
        await AddAsync(cluster, boxes, """{"size":1}""");
        var scale = await cluster.Http.GetAsync($"{boxes}/box/scale", Stop);
        Assert.Equal(("Scale", 1), (scale.Text("kind"), scale.Number("spec", "replicas")));
        await PatchAsync(cluster, $"{boxes}/box/scale", """{"spec":{"replicas":5}}""", KubeHttp.MergePatchType);
        Assert.Equal(5, (await cluster.Http.GetAsync($"{boxes}/box", Stop)).Number("spec", "size"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task CustomObjectsKnowNoStrategicMergeAndNeedTheirVersion(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await DefineAsync(cluster);
        var box = await AddAsync(cluster, boxes, """{"size":1}""");
        await RefusalAsync(415, "UnsupportedMediaType",
            () => PatchAsync(cluster, $"{boxes}/box", "{}", KubeHttp.StrategicPatchType));
        box["metadata"]!.AsObject().Remove("resourceVersion");
        await RefusalAsync(422, "Invalid", () => cluster.Http.PutAsync($"{boxes}/box", box, Stop));
    }

    private static Task<JsonObject> AddAsync(TestCluster cluster, string boxes, string spec, string? status = null)
    {
        var box = Box(boxes);
        box["spec"] = Json(spec);
        if (status is not null)
            box["status"] = Json(status);
        return cluster.Http.PostAsync(boxes, box, Stop);
    }

    private static Task<JsonObject> PatchAsync(TestCluster cluster, string path, string patch, string patchType) =>
        cluster.Http.PatchAsync(path, Json(patch), patchType, Stop);

    private static (long?, long?, long?) Facts(JsonObject box) =>
        (box.Number("spec", "size"), box.Number("status", "replicas"), box.Number("metadata", "generation"));

    private static string Sorted(JsonNode map) =>
        new JsonObject(map.AsObject().OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString();
}
