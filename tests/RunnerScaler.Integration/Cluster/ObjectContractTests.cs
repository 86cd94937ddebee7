using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>Writing objects, the same at the sandbox's API server and at a real one.</summary>
public sealed class ObjectContractTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task ATakenNameIsAlreadyExists(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("linux-7");
        Assert.Equal("Pending", pod.Text("status", "phase"));
        Assert.Equal("default-scheduler", pod.Text("spec", "schedulerName"));

        var failure = await RefusalAsync(409, "AlreadyExists", () => cluster.AddPodAsync("linux-7"));
        Assert.Equal("pods \"linux-7\" already exists", failure.Message);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AGeneratedNameIsAlwaysNew(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var body = Json("""{"metadata":{"generateName":"x-"}}""");
        var first = await cluster.Http.PostAsync(cluster.ConfigMaps, body, Stop);
        var second = await cluster.Http.PostAsync(cluster.ConfigMaps, body, Stop);
        Assert.Matches("^x-[a-z0-9]{5}$", first.Text("metadata", "name"));
        Assert.NotEqual(first.Text("metadata", "name"), second.Text("metadata", "name"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnUpdateFromAnOldVersionIsAConflict(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var edit = await cluster.AddConfigAsync("c");
        edit["data"] = Json("""{"k":"2"}""");
        await cluster.Http.PutAsync($"{cluster.ConfigMaps}/c", edit, Stop);
        var failure = await RefusalAsync(
            409, "Conflict", () => cluster.Http.PutAsync($"{cluster.ConfigMaps}/c", edit, Stop));
        Assert.StartsWith("Operation cannot be fulfilled on configmaps \"c\": ", failure.Message,
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnUpdateThatChangesNothingKeepsTheVersion(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var config = await cluster.AddConfigAsync("c");
        var same = await cluster.Http.PutAsync($"{cluster.ConfigMaps}/c", config, Stop);
        Assert.Equal(config.Text("metadata", "resourceVersion"), same.Text("metadata", "resourceVersion"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task StatusAndSpecAreWrittenApart(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("a");
        pod["status"]!["phase"] = "Running";
        pod["metadata"]!["labels"] = Json("""{"a":"b"}""");
        var main = await cluster.Http.PutAsync($"{cluster.Pods}/a", pod, Stop);
        Assert.Equal(("Pending", "b"), (main.Text("status", "phase"), main.Text("metadata", "labels", "a")));

        main["status"]!["phase"] = "Running";
        main["spec"]!["nodeName"] = "stolen";
        var status = await cluster.Http.PutAsync($"{cluster.Pods}/a/status", main, Stop);
        Assert.Equal(("Running", null), (status.Text("status", "phase"), status.Text("spec", "nodeName")));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ATestInAJsonPatchIsACompareAndSwap(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("a", """{"annotations":{"runnerscaler.io/claim":""}}""");
        var patch = JsonNode.Parse("""
            [{"op":"test","path":"/metadata/annotations/runnerscaler.io~1claim","value":""},
             {"op":"replace","path":"/metadata/annotations/runnerscaler.io~1claim","value":"mine"}]
            """)!;
        var granted = await cluster.Http.PatchAsync($"{cluster.Pods}/a", patch, KubeHttp.JsonPatchType, Stop);
        Assert.Equal("mine", granted.Text("metadata", "annotations", "runnerscaler.io/claim"));
        await RefusalAsync(422, "Invalid",
            () => cluster.Http.PatchAsync($"{cluster.Pods}/a", patch, KubeHttp.JsonPatchType, Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task MergePatchesRemoveByNullAndMindTheVersion(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var config = await cluster.AddConfigAsync("c", """{"labels":{"a":"1","b":"2"}}""");
        var patched = await PatchAsync(cluster, """{"metadata":{"labels":{"a":null,"c":"3"}}}""");
        Assert.Equal("""{"b":"2","c":"3"}""", patched.At("metadata", "labels")!.ToJsonString());

        var old = Json("""{"metadata":{"labels":{"a":"4"}}}""");
        old["metadata"]!["resourceVersion"] = config.Text("metadata", "resourceVersion");
        await RefusalAsync(409, "Conflict", () => PatchAsync(cluster, old.ToJsonString()));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task StrategicMergeKnowsContainersByName(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("a");
        var patched = await cluster.Http.PatchAsync($"{cluster.Pods}/a",
            Json("""{"spec":{"containers":[{"name":"runner","image":"runner:2"}]}}"""),
            KubeHttp.StrategicPatchType, Stop);
        var container = Assert.Single(patched.Objects("spec", "containers"));
        Assert.Equal(("runner:2", "File"), (container.Text("image"), container.Text("terminationMessagePolicy")));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AStatusPatchMergesConditionsByType(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddBoundPodAsync("a");
        var patched = await cluster.Http.PatchAsync($"{cluster.Pods}/a/status",
            Json("""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"""),
            KubeHttp.StrategicPatchType, Stop);
        Assert.Equal(("True", "True"), (Conditions.Of(patched, "PodScheduled"), Conditions.Of(patched, "Ready")));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnInvalidPodIsRefusedWithTheField(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = Pod("a");
        pod["spec"]!["containers"]![0]!.AsObject().Remove("image");
        var failure = await RefusalAsync(422, "Invalid", () => cluster.Http.PostAsync(cluster.Pods, pod, Stop));
        Assert.Equal("Pod \"a\" is invalid: spec.containers[0].image: Required value", failure.Message);

        failure = await RefusalAsync(
            422, "Invalid", () => cluster.AddPodAsync("a", """{"labels":{"x":"not valid"}}"""));
        Assert.Contains("metadata.labels: Invalid value: \"not valid\"", failure.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodsShapeCannotBeChanged(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("a");
        pod["spec"]!["restartPolicy"] = "Always";
        var failure = await RefusalAsync(422, "Invalid", () => cluster.Http.PutAsync($"{cluster.Pods}/a", pod, Stop));
        Assert.Contains("spec: Forbidden: pod updates may not change fields", failure.Message,
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task WhatIsNotThereIsNotFound(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var failure = await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"{cluster.Leases}/l", Stop));
        Assert.Equal("leases.coordination.k8s.io \"l\" not found", failure.Message);
        var details = failure.ToStatus()["details"]!;
        Assert.Equal(("l", "coordination.k8s.io", "leases"),
            (details.Text("name"), details.Text("group"), details.Text("kind")));

        await RefusalAsync(404, "NotFound",
            () => cluster.Http.PostAsync("/api/v1/namespaces/nowhere/configmaps", Named("c"), Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnUnknownPatchTypeIsRefused(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddConfigAsync("c");
        await RefusalAsync(415, "UnsupportedMediaType",
            () => cluster.Http.PatchAsync($"{cluster.ConfigMaps}/c", Json("{}"), "application/unknown", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ADryRunLeavesNothing(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.Http.PostAsync($"{cluster.Pods}?dryRun=All", Pod("a"), Stop);
        await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"{cluster.Pods}/a", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AWriteToAnotherNameOrUidIsRefused(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var config = await cluster.AddConfigAsync("c");
        await RefusalAsync(400, "BadRequest", () => cluster.Http.PutAsync($"{cluster.ConfigMaps}/other", config, Stop));

        config["metadata"]!["uid"] = "00000000-0000-4000-8000-000000000000";
        await RefusalAsync(409, "Conflict", () => cluster.Http.PutAsync($"{cluster.ConfigMaps}/c", config, Stop));
    }

    private static Task<JsonObject> PatchAsync(TestCluster cluster, string patch) =>
        cluster.Http.PatchAsync($"{cluster.ConfigMaps}/c", Json(patch), KubeHttp.MergePatchType, Stop);
}
