using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>The faults that the sandbox's API server makes on request, and what it counts.</summary>
public sealed class KubeFaultsTests : IAsyncLifetime
{
    private readonly string config = Path.GetTempFileName();
    private readonly KubeApi api = new(
        new ObjectStore(TimeProvider.System, new Random(1)), TimeProvider.System, new KubeFaults(new Random(2)),
        new KubeApiOptions(BookmarkPeriod: TimeSpan.FromMilliseconds(50)));

    private KubeApiHost? host;
    private TestCluster? cluster;

    private TestCluster Cluster => cluster!;

    private KubeFaults Faults => api.Faults;

    public async ValueTask InitializeAsync()
    {
        host = await KubeApiHost.StartAsync(api, TimeProvider.System.GetUtcNow());
        host.WriteKubeConfig(config, "controller");
        cluster = await TestCluster.OpenAsync(config, "team", real: null);
    }

    public async ValueTask DisposeAsync()
    {
        cluster?.Dispose();
        if (host is not null)
            await host.DisposeAsync();
        File.Delete(config);
    }

    [Fact]
    public async Task AnErrorIsNotExecuted()
    {
        Faults.ErrorShare = 1;
        var failure = await Assert.ThrowsAsync<KubeFailure>(() => Cluster.AddPodAsync("a"));
        Assert.True(failure.Code is 500 or 503);
        Assert.Null(api.Store.Find(KnownTypes.Pods, "team", "a"));
    }

    [Fact]
    public async Task AThrottledRequestIsToldWhenToComeBack()
    {
        (Faults.ThrottleShare, Faults.RetryAfter) = (1, TimeSpan.FromSeconds(7));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Cluster.Typed.BaseUri, Cluster.Pods));
        await Cluster.Typed.Credentials.ProcessHttpRequestAsync(request, Stop);
        using var answer = await Cluster.Typed.HttpClient.SendAsync(request, Stop);
        Assert.Equal((429, TimeSpan.FromSeconds(7)), ((int)answer.StatusCode, answer.Headers.RetryAfter?.Delta));
    }

    [Fact]
    public async Task ALostReplyIsExecuted()
    {
        Faults.LostReplyShare = 1;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Cluster.AddPodAsync("a"));
        Faults.LostReplyShare = 0;
        await RefusalAsync(409, "AlreadyExists", () => Cluster.AddPodAsync("a"));
        Assert.Equal(1, api.Requests.Total(k => k is { Verb: "create", Resource: "pods", Code: 0 }));
    }

    [Fact]
    public async Task FaultsHitOnlyWhomTheyAreMeantFor()
    {
        (Faults.ErrorShare, Faults.AppliesTo) = (1, r => r.User.Name != "controller");
        await Cluster.AddPodAsync("a");
        Assert.NotNull(api.Store.Find(KnownTypes.Pods, "team", "a"));
    }

    [Fact]
    public async Task ACutWatchBreaksOff()
    {
        await using var watch = Cluster.Http.WatchAsync($"{Cluster.Pods}?watch=true", Stop).GetAsyncEnumerator(Stop);
        await Cluster.AddPodAsync("a");
        Assert.True(await watch.MoveNextAsync());
        Faults.CutWatches();
        await Assert.ThrowsAnyAsync<Exception>(async () => await watch.MoveNextAsync());
    }

    [Fact]
    public async Task ACompactedWatchEndsWithAnErrorEvent()
    {
        await Cluster.AddPodAsync("a");
        await using var watch = Cluster.Http.WatchAsync($"{Cluster.Pods}?watch=true", Stop).GetAsyncEnumerator(Stop);
        Assert.True(await watch.MoveNextAsync());
        api.Store.Compact();
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(("ERROR", 410), (watch.Current.Text("type"), watch.Current.Number("object", "code")));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task AStreamedListEndsWithAMarkedBookmark()
    {
        await Cluster.AddPodAsync("a");
        var path = $"{Cluster.Pods}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
            + "&resourceVersionMatch=NotOlderThan";
        var seen = new List<string?>();
        await foreach (var change in Cluster.Http.WatchAsync(path, Stop))
        {
            seen.Add(change.Text("type"));
            if (change.Text("object", "metadata", "annotations", "k8s.io/initial-events-end") == "true")
                break;
        }
        Assert.Equal(["ADDED", "BOOKMARK"], seen);
    }

    [Fact]
    public async Task AnIdleWatchGetsBookmarksThatMoveOn()
    {
        var versions = new List<string?>();
        await foreach (var change in Cluster.Http.WatchAsync(
            $"{Cluster.Pods}?watch=true&allowWatchBookmarks=true", Stop))
        {
            Assert.Equal("BOOKMARK", change.Text("type"));
            versions.Add(change.Text("object", "metadata", "resourceVersion"));
            if (versions.Count == 2)
                break;
            await Cluster.AddConfigAsync("c");
        }
        Assert.NotEqual(versions[0], versions[1]);
    }

    [Fact]
    public async Task RequestsAreCountedByUserVerbResourceAndCode()
    {
        var before = api.Requests.Of("controller");
        await Cluster.AddBoundPodAsync("a");
        await RefusalAsync(409, "AlreadyExists", () => Cluster.AddPodAsync("a"));
        Assert.Equal(4, api.Requests.Of("controller") - before);
        var counts = api.Requests.Snapshot().ToDictionary(c => (c.Key.Verb, c.Key.Resource, c.Key.Code), c => c.Value);
        Assert.Equal(1, counts[("create", "pods", 201)]);
        Assert.Equal(1, counts[("create", "pods", 409)]);
        Assert.Equal(1, counts[("create", "pods/binding", 201)]);
        Assert.Equal(1, counts[("get", "pods", 200)]);
    }

    [Fact]
    public async Task DiscoveryListsWhatIsServed()
    {
        var core = await Cluster.Http.GetAsync("/api/v1", Stop);
        Assert.Contains("pods/binding", core.Objects("resources").Select(r => r.Text("name")));
        var groups = (await Cluster.Http.GetAsync("/apis", Stop)).Objects("groups").Select(g => g.Text("name"));
        Assert.Contains("coordination.k8s.io", groups);
        await RefusalAsync(404, "NotFound", () => Cluster.Http.GetAsync("/apis/nothing.io/v1", Stop));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a"},"spec":7}""")]
    [InlineData("""{"metadata":{"name":"a","labels":[1]},"spec":{"containers":"none"}}""")]
    [InlineData("""{"metadata":7}""")]
    [InlineData("""[]""")]
    public async Task NonsenseIsRefusedWithAStatus(string body)
    {
        var failure = await Assert.ThrowsAsync<KubeFailure>(
            () => Cluster.Http.PostAsync(Cluster.Pods, JsonNode.Parse(body)!, Stop));
        Assert.InRange(failure.Code, 400, 500);
        Assert.NotEmpty(failure.Message);
    }

    [Fact]
    public async Task ADefinitionMayBeYaml()
    {
        using var content = new StringContent("""
            metadata:
              name: c
            data:
              number: "1"
              text: plain words
            """);
        content.Headers.ContentType = new("application/yaml");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Cluster.Typed.BaseUri, Cluster.ConfigMaps));
        request.Content = content;
        await Cluster.Typed.Credentials.ProcessHttpRequestAsync(request, Stop);
        using var answer = await Cluster.Typed.HttpClient.SendAsync(request, Stop);
        Assert.Equal(201, (int)answer.StatusCode);
        var data = (await Cluster.Http.GetAsync($"{Cluster.ConfigMaps}/c", Stop))["data"] as JsonObject;
        Assert.Equal(("1", "plain words"), (data.Text("number"), data.Text("text")));
    }
}
