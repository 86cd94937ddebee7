using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Tests.Web;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class ClusterCapabilitiesTests
{
    private const string Version = """{"major":"1","minor":"36+","gitVersion":"v1.36.2-gke.1"}""";

    private const string Node = """
        {"metadata":{"name":"a","labels":{"disk":"ssd","number":7}},
         "status":{"nodeInfo":{"operatingSystem":"linux","kernelVersion":"6.12.3-1","kubeletVersion":"v1.36.2"},
          "runtimeHandlers":[{"name":"kata","features":{}},{"name":"","features":{"userNamespaces":true}}]}}
        """;

    private readonly FakeTimeProvider time = new();
    private int nodesCode = 200;
    private int versionCode = 200;
    private string version = Version;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheReleaseAndTheNodesAreReadPageByPage()
    {
        await using var server = Start();
        var capabilities = CapabilitiesOf(server);
        await capabilities.EnsureAsync(Cancel);
        Assert.Equal(new Release(1, 36), capabilities.Current.Server);
        var nodes = Assert.IsType<NodeReading.Known>(capabilities.Current.Nodes).Nodes;
        Assert.Equal(["a", "b"], nodes.Select(n => n.Name));
        Assert.Equal(
            ("linux", new Release(6, 12), new Release(1, 36), true),
            (nodes[0].System, nodes[0].Kernel, nodes[0].Kubelet, nodes[0].UserNamespaces));
        Assert.Equal("ssd", Assert.Single(nodes[0].Labels).Value);
        Assert.Equal(
            ("", null, null, false),
            (nodes[1].System, nodes[1].Kernel, nodes[1].Kubelet, nodes[1].UserNamespaces));
        Assert.Equal(
            ["GET /version", "GET /api/v1/nodes?limit=200", "GET /api/v1/nodes?limit=200&continue=p%2B2"],
            server.Requests);
    }

    [Fact]
    public async Task NodesThatMayNotBeReadAreNotKnown()
    {
        await using var server = Start();
        nodesCode = 403;
        var capabilities = CapabilitiesOf(server);
        await capabilities.EnsureAsync(Cancel);
        var unknown = Assert.IsType<NodeReading.Unknown>(capabilities.Current.Nodes);
        Assert.Equal("the API server answered: no such luck", unknown.Why);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(429, true)]
    [InlineData(403, false)]
    public async Task AHiccupTakesNothingAwayFromWhatWasSeen(int code, bool isKept)
    {
        await using var server = Start();
        var capabilities = CapabilitiesOf(server);
        await capabilities.EnsureAsync(Cancel);
        nodesCode = code;
        Assert.True(await capabilities.ReadAsync(Cancel));
        Assert.Equal(isKept, capabilities.Current.Nodes is NodeReading.Known);
    }

    [Fact]
    public async Task AServerThatDoesNotAnswerIsAskedAgain()
    {
        await using var server = Start();
        versionCode = 503;
        var capabilities = CapabilitiesOf(server);
        Assert.Throws<InvalidOperationException>(() => capabilities.Current);
        var ensuring = capabilities.EnsureAsync(Cancel);
        await Eventually.Holds(() => !server.Requests.IsEmpty, "it has asked");
        Assert.False(ensuring.IsCompleted);
        versionCode = 200;
        await Eventually.Holds(() => Advance(TimeSpan.FromSeconds(1)) && ensuring.IsCompleted, "it has seen");
        await ensuring;
        Assert.Equal(new Release(1, 36), capabilities.Current.Server);
    }

    [Fact]
    public async Task ItLooksAgainFromTimeToTimeAndTells()
    {
        await using var server = Start();
        var capabilities = CapabilitiesOf(server);
        await capabilities.EnsureAsync(Cancel);
        var told = 0;
        capabilities.Changed += () => Interlocked.Increment(ref told);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = capabilities.RunAsync(stop.Token);
        versionCode = 503;
        await Eventually.Holds(
            () => Advance(ClusterCapabilities.Period) && server.Requests.Count(r => r == "GET /version") > 2,
            "it looks again");
        versionCode = 200;
        await Eventually.Holds(() => Advance(ClusterCapabilities.Period) && Volatile.Read(ref told) > 0, "it tells");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task AReleaseThatIsTooOldIsToldOnce()
    {
        await using var server = Start();
        using var log = new CapturedLog();
        using var logs = LoggerFactory.Create(builder => builder.AddProvider(log));
        var capabilities = new ClusterCapabilities(
            server.Api(time), new Heartbeats(time), new Random(1), time, logs.CreateLogger<ClusterCapabilities>());
        Assert.True(await capabilities.ReadAsync(Cancel));
        Assert.Empty(log.Lines);
        version = """{"major":"1","minor":"28"}""";
        Assert.True(await capabilities.ReadAsync(Cancel));
        Assert.True(await capabilities.ReadAsync(Cancel));
        var line = Assert.Single(log.Lines);
        Assert.StartsWith(
            "Warning: The API server is Kubernetes 1.28, and 1.29 is the oldest that is supported", line,
            StringComparison.Ordinal);
        Assert.Equal(new Release(1, 28), capabilities.Current.Server);
    }

    private bool Advance(TimeSpan by)
    {
        time.Advance(by);
        return true;
    }

    private StubServer Start() => StubServer.Start(context => (context.Request.Path.Value, nodesCode) switch
    {
        ("/version", _) => StubServer.Json(context, versionCode, versionCode == 200 ? version : "{}"),
        (_, not 200) => StubServer.Json(context, nodesCode, """{"message":"no such luck."}"""),
        _ when context.Request.Query.ContainsKey("continue") =>
            StubServer.Json(context, 200, """{"metadata":{},"items":[{"metadata":{"name":"b"}}]}"""),
        _ => StubServer.Json(context, 200, $$"""{"metadata":{"continue":"p+2"},"items":[{{Node}}]}"""),
    });

    private ClusterCapabilities CapabilitiesOf(StubServer server) => new(
        server.Api(time), new Heartbeats(time), new Random(1), time, NullLogger<ClusterCapabilities>.Instance);
}
