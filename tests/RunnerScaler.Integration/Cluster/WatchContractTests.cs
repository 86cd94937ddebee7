using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>Lists and watches, the same at the sandbox's API server and at a real one.</summary>
public sealed class WatchContractTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task AWatchFromAListMissesNothing(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("before");
        var version = (await cluster.Http.GetAsync(cluster.Pods, Stop)).Text("metadata", "resourceVersion");
        await cluster.AddPodAsync("a");
        await cluster.Http.PatchAsync($"{cluster.Pods}/a", Json("""{"metadata":{"labels":{"x":"y"}}}"""),
            KubeHttp.MergePatchType, Stop);
        await cluster.Http.DeleteAsync($"{cluster.Pods}/a", null, Stop);

        var events = await ReadAsync(cluster, $"{cluster.Pods}?watch=true&resourceVersion={version}", 4);
        // A pod is marked as deleted before it is removed, even when nothing is to be waited for.
        Assert.Equal(["ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a"], events.ConvertAll(Short));
        Assert.All(events, e => Assert.Equal("Pod", e.Text("object", "kind")));
        var versions = events.ConvertAll(e => long.Parse(e.Text("object", "metadata", "resourceVersion")!, null));
        Assert.Equal(versions.Order(), versions);
        Assert.Equal(4, versions.Distinct().Count());
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AWatchWithoutVersionStartsWithWhatExists(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("a");
        var events = await ReadAsync(cluster, $"{cluster.Pods}?watch=true", 1);
        Assert.Equal(["ADDED a"], events.ConvertAll(Short));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task LeavingASelectionIsSeenAsADeletion(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("a", """{"labels":{"on":"yes"}}""");
        var version = (await cluster.Http.GetAsync(cluster.Pods, Stop)).Text("metadata", "resourceVersion");
        await LabelAsync(cluster, "no");
        await LabelAsync(cluster, "yes");
        var events = await ReadAsync(
            cluster, $"{cluster.Pods}?watch=true&labelSelector=on%3Dyes&resourceVersion={version}", 2);
        Assert.Equal(["DELETED a", "ADDED a"], events.ConvertAll(Short));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnIdleWatchGetsABookmarkAndEndsAtItsTimeout(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var version = (await cluster.Http.GetAsync(cluster.Pods, Stop)).Text("metadata", "resourceVersion");
        var path = $"{cluster.Pods}?watch=true&allowWatchBookmarks=true&timeoutSeconds=5&resourceVersion={version}";
        var events = await ReadAsync(cluster, path, int.MaxValue);

        // A real server sends one about every minute, and promises none within so short a watch.
        if (!cluster.IsReal)
            Assert.NotEmpty(events);
        Assert.All(events, e =>
        {
            Assert.Equal(("BOOKMARK", "Pod"), (e.Text("type"), e.Text("object", "kind")));
            var bookmarked = e.Text("object", "metadata", "resourceVersion")!;
            Assert.True(long.Parse(bookmarked, null) >= long.Parse(version!, null));
        });
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AVersionBeforeAllHistoryIsAnErrorEvent(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var boxes = await CustomResourceContractTests.DefineAsync(cluster);
        var events = await ReadAsync(cluster, $"{boxes}?watch=true&resourceVersion=1", int.MaxValue);
        var error = Assert.Single(events);
        Assert.Equal("ERROR", error.Text("type"));
        Assert.Equal((410, "Expired"), (error.Number("object", "code"), error.Text("object", "reason")));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task PagesShowOneState(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        foreach (var name in (string[])["a", "b", "c", "d"])
            await cluster.AddPodAsync(name);
        var first = await cluster.Http.GetAsync($"{cluster.Pods}?limit=2", Stop);
        Assert.Equal(2, first.Number("metadata", "remainingItemCount"));
        await cluster.Http.DeleteAsync($"{cluster.Pods}/c", null, Stop);
        await cluster.AddPodAsync("e");

        var token = Uri.EscapeDataString(first.Text("metadata", "continue")!);
        var second = await cluster.Http.GetAsync($"{cluster.Pods}?limit=2&continue={token}", Stop);
        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(["c", "d"], Names(second));
        Assert.True(string.IsNullOrEmpty(second.Text("metadata", "continue")));
        Assert.Equal(first.Text("metadata", "resourceVersion"), second.Text("metadata", "resourceVersion"));
    }

    [Theory]
    [InlineData(ClusterFixture.Sandbox, "app=runner", "a,b")]
    [InlineData(ClusterFixture.Real, "app=runner", "a,b")]
    [InlineData(ClusterFixture.Sandbox, "app=runner,slot!=1", "b")]
    [InlineData(ClusterFixture.Real, "app=runner,slot!=1", "b")]
    [InlineData(ClusterFixture.Sandbox, "slot in (1, 2),app", "a,b")]
    [InlineData(ClusterFixture.Real, "slot in (1, 2),app", "a,b")]
    [InlineData(ClusterFixture.Sandbox, "slot notin (1)", "b,c")]
    [InlineData(ClusterFixture.Real, "slot notin (1)", "b,c")]
    [InlineData(ClusterFixture.Sandbox, "!app", "c")]
    [InlineData(ClusterFixture.Real, "!app", "c")]
    public async Task LabelSelectorsChoose(string server, string selector, string expected)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("a", """{"labels":{"app":"runner","slot":"1"}}""");
        await cluster.AddPodAsync("b", """{"labels":{"app":"runner","slot":"2"}}""");
        await cluster.AddPodAsync("c");
        var list = await cluster.Http.GetAsync($"{cluster.Pods}?labelSelector={Uri.EscapeDataString(selector)}", Stop);
        Assert.Equal(expected, string.Join(',', Names(list)));
        Assert.Equal("PodList", list.Text("kind"));
        Assert.All(list.Objects("items"), i => Assert.Null(i.Text("kind")));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task FieldSelectorsChoose(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddBoundPodAsync("a");
        await cluster.AddPodAsync("b");
        var onNode = await cluster.Http.GetAsync($"{cluster.Pods}?fieldSelector=spec.nodeName%3Dnode-1", Stop);
        Assert.Equal(["a"], Names(onNode));
        var unscheduled = await cluster.Http.GetAsync(
            $"{cluster.Pods}?fieldSelector=spec.nodeName%3D,status.phase%3DPending", Stop);
        Assert.Equal(["b"], Names(unscheduled));
        await RefusalAsync(400, "BadRequest", () =>
            cluster.Http.GetAsync($"{cluster.Pods}?fieldSelector=spec.x%3D1", Stop));
        await RefusalAsync(400, "BadRequest", () => cluster.Http.GetAsync($"{cluster.Pods}?labelSelector=a%20b", Stop));
    }

    private static async Task<List<JsonObject>> ReadAsync(TestCluster cluster, string path, int count)
    {
        var events = new List<JsonObject>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(120));
        await foreach (var next in cluster.Http.WatchAsync(path, patience.Token))
        {
            events.Add(next);
            if (events.Count == count)
                break;
        }
        return events;
    }

    private static Task<JsonObject> LabelAsync(TestCluster cluster, string value) => cluster.Http.PatchAsync(
        $"{cluster.Pods}/a", Json($$$"""{"metadata":{"labels":{"on":"{{{value}}}"} } }"""), KubeHttp.MergePatchType,
        Stop);

    private static string Short(JsonObject change) =>
        $"{change.Text("type")} {change.Text("object", "metadata", "name")}";

    private static List<string?> Names(JsonObject list) =>
        [.. list.Objects("items").Select(i => i.Text("metadata", "name"))];
}
