using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>Deleting objects, the same at the sandbox's API server and at a real one.</summary>
public sealed class DeletionContractTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task PreconditionsGuardADelete(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("a");
        await RefusalAsync(409, "Conflict", () => DeleteAsync(cluster, """{"preconditions":{"uid":"other"}}"""));
        await RefusalAsync(409, "Conflict", () =>
            DeleteAsync(cluster, """{"preconditions":{"resourceVersion":"1"}}"""));

        var uid = pod.Text("metadata", "uid");
        var deleted = await DeleteAsync(cluster, $$$"""{"preconditions":{"uid":"{{{uid}}}"}}""");
        Assert.Equal(("Pod", uid), (deleted.Text("kind"), deleted.Text("metadata", "uid")));
        await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"{cluster.Pods}/a", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AScheduledPodWaitsForItsNode(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddBoundPodAsync("a");
        var waiting = await DeleteAsync(cluster, """{"gracePeriodSeconds":20}""");
        Assert.Equal(20, waiting.Number("metadata", "deletionGracePeriodSeconds"));
        Assert.NotNull(waiting.Text("metadata", "deletionTimestamp"));

        var shorter = await DeleteAsync(cluster, """{"gracePeriodSeconds":10}""");
        Assert.Equal(10, shorter.Number("metadata", "deletionGracePeriodSeconds"));
        var longer = await DeleteAsync(cluster, """{"gracePeriodSeconds":60}""");
        Assert.Equal(10, longer.Number("metadata", "deletionGracePeriodSeconds"));
        Assert.Contains("already exists",
            (await RefusalAsync(409, "AlreadyExists", () => cluster.AddPodAsync("a"))).Message,
            StringComparison.Ordinal);

        await DeleteAsync(cluster, """{"gracePeriodSeconds":0}""");
        await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"{cluster.Pods}/a", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AFinishedPodGoesAtOnce(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddBoundPodAsync("a");
        await cluster.Http.PatchAsync($"{cluster.Pods}/a/status", Json("""{"status":{"phase":"Succeeded"}}"""),
            KubeHttp.MergePatchType, Stop);
        await DeleteAsync(cluster, null);
        await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"{cluster.Pods}/a", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AFinalizerHoldsAnObjectUntilItIsRemoved(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddConfigAsync("c", """{"finalizers":["runnerscaler.io/test"]}""");
        var held = await cluster.Http.DeleteAsync($"{cluster.ConfigMaps}/c", null, Stop);
        Assert.Equal("ConfigMap", held.Text("kind"));
        Assert.NotNull(held.Text("metadata", "deletionTimestamp"));

        await cluster.Http.PatchAsync($"{cluster.ConfigMaps}/c", Json("""{"metadata":{"finalizers":null}}"""),
            KubeHttp.MergePatchType, Stop);
        await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"{cluster.ConfigMaps}/c", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnObjectThatIsGoneIsReportedByAStatus(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var config = await cluster.AddConfigAsync("c");
        var status = await cluster.Http.DeleteAsync($"{cluster.ConfigMaps}/c", null, Stop);
        Assert.Equal(("Status", "Success"), (status.Text("kind"), status.Text("status")));
        Assert.Equal(config.Text("metadata", "uid"), status.Text("details", "uid"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ACollectionIsDeletedByItsLabels(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddConfigAsync("a", """{"labels":{"x":"1"}}""");
        await cluster.AddConfigAsync("b");
        await cluster.Http.DeleteAsync($"{cluster.ConfigMaps}?labelSelector=x", null, Stop);
        var left = await cluster.Http.GetAsync(cluster.ConfigMaps, Stop);
        Assert.DoesNotContain(left.Objects("items"), i => i.Text("metadata", "name") == "a");
        Assert.Contains(left.Objects("items"), i => i.Text("metadata", "name") == "b");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodIsBoundOnceAndCanBeEvicted(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddBoundPodAsync("a");
        Assert.Equal("node-1", pod.Text("spec", "nodeName"));
        Assert.Equal("True", Conditions.Of(pod, "PodScheduled"));
        await RefusalAsync(409, "Conflict",
            () => cluster.Http.PostAsync($"{cluster.Pods}/a/binding", Binding("a", "node-2"), Stop));

        await cluster.Http.PostAsync($"{cluster.Pods}/a/eviction",
            Json("""{"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"a"}}"""), Stop);
        var evicted = await cluster.Http.GetAsync($"{cluster.Pods}/a", Stop);
        Assert.NotNull(evicted.Text("metadata", "deletionTimestamp"));
    }

    private static Task<JsonObject> DeleteAsync(TestCluster cluster, string? options) =>
        cluster.Http.DeleteAsync($"{cluster.Pods}/a", options is null ? null : JsonNode.Parse(options), Stop);
}
