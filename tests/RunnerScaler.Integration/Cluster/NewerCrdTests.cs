using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>What custom resources can do in the releases that are supported, and could not in all older ones.</summary>
public sealed class NewerCrdTests(ClusterFixture clusters)
{
    private const string Schema = """
        {"type":"object","properties":{"spec":{"type":"object",
          "x-kubernetes-validations":[
            {"rule":"self.low <= self.high","message":"low may be at most high"},
            {"rule":"self.high >= oldSelf.high","message":"high may only grow"}],
          "required":["low","high"],"properties":{
            "low":{"type":"integer","maximum":100},"high":{"type":"integer","maximum":100},
            "limit":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
            "doors":{"type":"array","maxItems":8,
              "x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
              "items":{"type":"object","required":["name"],"properties":{
                "name":{"type":"string"},"open":{"type":"boolean"}}}}}}}}
        """;

    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Fact]
    public async Task ARuleOfTheSchemaIsKept()
    {
        using var cluster = await OpenAsync(ClusterFixture.Real);
        var boxes = await CustomResourceContractTests.DefineAsync(cluster, Schema);
        var refusal = await RefusalAsync(
            422, "Invalid", () => cluster.Http.PostAsync(boxes, Box(boxes, """{"low":2,"high":1}"""), Stop));
        Assert.Contains("low may be at most high", refusal.Message, StringComparison.Ordinal);

        await cluster.Http.PostAsync(boxes, Box(boxes, """{"low":1,"high":5}"""), Stop);
        refusal = await RefusalAsync(422, "Invalid", () => cluster.Http.PatchAsync(
            $"{boxes}/box", Json("""{"spec":{"high":4}}"""), KubeHttp.MergePatchType, Stop));
        Assert.Contains("high may only grow", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownFieldIsRefusedIfThatIsAskedFor()
    {
        using var cluster = await OpenAsync(ClusterFixture.Real);
        var boxes = await CustomResourceContractTests.DefineAsync(cluster, Schema);
        var box = Box(boxes, """{"low":1,"high":5,"hihg":6}""");
        var refusal = await RefusalAsync(
            400, "BadRequest", () => cluster.Http.PostAsync($"{boxes}?fieldValidation=Strict", box, Stop));
        Assert.Contains("unknown field \"spec.hihg\"", refusal.Message, StringComparison.Ordinal);
        Assert.Null((await cluster.Http.PostAsync(boxes, box, Stop))["spec"]!["hihg"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ListsAreMergedByTheirKeyWhateverElseIsInTheSchema(string server)
    {
        using var cluster = await OpenAsync(server);
        var boxes = await CustomResourceContractTests.DefineAsync(cluster, Schema);
        await ApplyAsync("first", """{"low":1,"high":5,"limit":"1Gi","doors":[{"name":"front","open":true}]}""");
        var both = await ApplyAsync("second", """{"low":1,"high":5,"limit":"1Gi","doors":[{"name":"back"}]}""");
        Assert.Equal(["back", "front"], both.Objects("spec", "doors").Select(d => d.Text("name")).Order());
        var one = await ApplyAsync("first", """{"low":1,"high":5,"limit":"1Gi"}""");
        Assert.Equal(["back"], one.Objects("spec", "doors").Select(d => d.Text("name")));

        Task<JsonObject> ApplyAsync(string manager, string spec) => cluster.Http.PatchAsync(
            $"{boxes}/box?fieldManager={manager}&force=true", Box(boxes, spec), KubeHttp.ApplyPatchType, Stop);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AWatchCanBeginWithWhatThereIsAndSayWhereThatEnds(string server)
    {
        using var cluster = await OpenAsync(server);
        var boxes = await CustomResourceContractTests.DefineAsync(cluster, Schema);
        await cluster.Http.PostAsync(boxes, Box(boxes, """{"low":1,"high":5}"""), Stop);
        var seen = new List<string?>();
        await foreach (var change in cluster.Http.WatchAsync(
            $"{boxes}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan",
            Stop))
        {
            seen.Add(change.Text("type"));
            if (change.Text("object", "metadata", "annotations", "k8s.io/initial-events-end") == "true")
                break;
        }
        Assert.Equal(["ADDED", "BOOKMARK"], seen);
    }

    private async Task<TestCluster> OpenAsync(string server)
    {
        var cluster = await clusters.OpenAsync(server);
        Assert.SkipWhen(cluster.WhyOldCrds is not null, cluster.WhyOldCrds ?? "");
        return cluster;
    }

    private static JsonObject Box(string boxes, string spec)
    {
        var box = CustomResourceContractTests.Box(boxes);
        box["spec"] = Json(spec);
        return box;
    }
}
