using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Watching;

namespace RunnerScaler.Tests.Kubernetes.Watching;

public sealed class WatchStreamTests
{
    private readonly FakeTimeProvider time = new();
    private readonly List<Observed<string>> seen = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AListIsReadPageByPage()
    {
        await using var server = StubServer.Start(c => c.Request.Query["continue"] == "p2"
            ? StubServer.Json(c, 200, Things.List(7, "", Things.Json("c", 3)))
            : StubServer.Json(c, 200, Things.List(7, "p2", Things.Json("a", 1), Things.Json("b", 2))));
        var list = await Things.Stream(server.Api(time), time).ListAsync(Cancel);
        Assert.Equal(["a@1", "b@2", "c@3"], list.Items!.Select(i => i.Value));
        Assert.Equal("7", list.ResourceVersion);
        Assert.Equal(
            ["GET /api/v1/things?limit=2", "GET /api/v1/things?limit=2&continue=p2"], server.Requests);
    }

    [Theory]
    [InlineData(503, """{"kind":"Status","message":"etcd is away"}""", "etcd is away")]
    [InlineData(200, "<html>", "no JSON")]
    [InlineData(200, """{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{}}]}""", "cannot be decoded")]
    public async Task AListThatFailsIsNoEmptyList(int code, string body, string why)
    {
        await using var server = StubServer.Start(c => StubServer.Json(c, code, body));
        var list = await Things.Stream(server.Api(time), time).ListAsync(Cancel);
        Assert.Null(list.Items);
        Assert.Contains(why, list.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PagesThatExpireMeanwhileAreReadAnewInOnePiece()
    {
        await using var server = StubServer.Start(c => (string?)c.Request.Query["continue"] == "p2"
            ? StubServer.Json(c, 410, """{"kind":"Status","reason":"Expired"}""")
            : c.Request.Query["limit"] == "2"
                ? StubServer.Json(c, 200, Things.List(7, "p2", Things.Json("a", 1), Things.Json("b", 2)))
                : StubServer.Json(c, 200, Things.List(9, "", Things.Json("b", 2), Things.Json("c", 8))));
        var list = await Things.Stream(server.Api(time), time).ListAsync(Cancel);
        Assert.Equal(["b@2", "c@8"], list.Items!.Select(i => i.Value));
        Assert.Equal("9", list.ResourceVersion);
    }

    [Fact]
    public async Task EveryEventIsToldAndTheVersionAdvancesWithBookmarks()
    {
        var end = await WatchAsync(
            Things.Event("ADDED", "a", 11),
            Things.Event("ADDED", "foreign", 12),
            Things.Event("DELETED", "a", 13),
            Things.Bookmark(20));
        Assert.Equal(["a@11", null, null], seen.Select(s => s.Value));
        Assert.Equal(("ended", false, "20"), (end.Reason, end.Relist, end.ResourceVersion));
    }

    [Fact]
    public async Task AWatchThatEndsWithoutAnyEventIsANormalEnd()
    {
        var end = await WatchAsync();
        Assert.Equal(("ended", false, "10"), (end.Reason, end.Relist, end.ResourceVersion));
    }

    [Fact]
    public async Task AnErrorEventWith410MeansANewList()
    {
        var end = await WatchAsync(Things.Event("ADDED", "a", 11), Things.Expired, Things.Event("ADDED", "b", 12));
        Assert.Equal(("expired", true), (end.Reason, end.Relist));
        Assert.Equal(["a@11"], seen.Select(s => s.Value));
    }

    [Fact]
    public async Task AnErrorEventOfAnotherKindMeansANewListToo()
    {
        var end = await WatchAsync("""{"type":"ERROR","object":{"kind":"Status","code":500,"message":"PrevKv=nil"}}""");
        Assert.Equal(("failed", true, "PrevKv=nil"), (end.Reason, end.Relist, end.Why));
    }

    [Theory]
    [InlineData("{this is no JSON}")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}""")]
    [InlineData("""{"type":"RENAMED","object":{"metadata":{"name":"a","uid":"u","resourceVersion":"1"}}}""")]
    public async Task AnEventThatCannotBeDecodedMeansANewList(string line)
    {
        var end = await WatchAsync(line, Things.Event("ADDED", "b", 12));
        Assert.Equal(("undecodable", true), (end.Reason, end.Relist));
        Assert.Empty(seen);
    }

    [Fact]
    public async Task AnObjectThatCannotBeReadIsUnreadableByItself()
    {
        var end = await WatchAsync(
            Things.Event("ADDED", "bad", 11), Things.Event("ADDED", "b", 12), Things.Event("DELETED", "bad", 13));
        Assert.Equal([("bad", null, "a bad thing"), ("b", "b@12", null), ("bad", null, null)],
            seen.Select(s => (s.Name, s.Value, s.Unreadable)));
        Assert.Equal(("ended", false, "13"), (end.Reason, end.Relist, end.ResourceVersion));
    }

    [Theory, InlineData(70), InlineData(9_900)]
    public async Task AnObjectThatNestsAsDeepAsServersTakeHidesNoOther(int levels)
    {
        var deep = new string('[', levels) + new string(']', levels);
        var item = $$$"""
            {"metadata":{"name":"deep","uid":"u","resourceVersion":"11","x":{{{deep}}} } }
            """.ReplaceLineEndings("");
        var end = await WatchAsync($$$"""{"type":"ADDED","object":{{{item}}} }""", Things.Event("ADDED", "b", 12));
        Assert.Equal(["deep@11", "b@12"], seen.Select(s => s.Value));
        Assert.Equal("ended", end.Reason);

        await using var server = StubServer.Start(c =>
            StubServer.Json(c, 200, Things.List(7, "", item, Things.Json("bad", 2), Things.Json("b", 3))));
        var list = await Things.Stream(server.Api(time), time).ListAsync(Cancel);
        Assert.Equal(["deep@11", null, "b@3"], list.Items!.Select(i => i.Value));
        Assert.Equal([null, "a bad thing", null], list.Items!.Select(i => i.Unreadable));
    }

    [Fact]
    public async Task ALineThatTheEndCutsOffIsNotTaken()
    {
        await using var server = StubServer.Start(c => c.Response.WriteAsync(Things.Event("ADDED", "a", 11)));
        var end = await Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, Cancel);
        Assert.Empty(seen);
        Assert.Equal("10", end.ResourceVersion);
    }

    [Theory]
    [InlineData(410, "expired", true)]
    [InlineData(500, "failed", false)]
    [InlineData(403, "failed", false)]
    public async Task ARefusedWatchSaysWhy(int code, string reason, bool relist)
    {
        await using var server = StubServer.Start(c => StubServer.Json(c, code, "{}"));
        var end = await Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, Cancel);
        Assert.Equal((reason, relist), (end.Reason, end.Relist));
    }

    [Fact]
    public async Task AServerThatAsksForPatienceIsHeard()
    {
        await using var server = StubServer.Start(c =>
        {
            c.Response.Headers.RetryAfter = "7";
            return StubServer.Json(c, 429, "{}");
        });
        var end = await Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, Cancel);
        Assert.Equal(TimeSpan.FromSeconds(7), end.RetryAfter);
    }

    [Fact]
    public async Task NoServerAtAllIsAFailure()
    {
        using var nobody = ClusterConnection.Open(
            new k8s.KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        var stream = Things.Stream(new ApiServer(nobody, time), time);
        var end = await stream.WatchAsync("10", seen.Add, Cancel);
        Assert.Equal(("failed", false), (end.Reason, end.Relist));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SilenceEndsAWatchAndLeavesNoRequestOpen(bool afterAnEvent)
    {
        await using var server = StubServer.Start(async c =>
        {
            if (afterAnEvent)
                await StubServer.Lines(c, Things.Event("ADDED", "a", 11));
            await StubServer.Forever(c);
        });
        var watch = Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, Cancel);
        await Eventually.Holds(() => afterAnEvent ? seen.Count == 1 : server.Open == 1, "the watch is open");
        while (!watch.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            await Task.Delay(5, Cancel);
        }
        Assert.Equal(("silent", false), ((await watch).Reason, (await watch).Relist));
        await Eventually.Holds(() => server.Open == 0, "no request is open");
    }

    [Fact]
    public async Task EachLinePutsTheSilenceOff()
    {
        var next = new SemaphoreSlim(0);
        await using var server = StubServer.Start(async c =>
        {
            for (var version = 11; version < 16; version++)
            {
                await StubServer.Lines(c, Things.Event("MODIFIED", "a", version));
                await next.WaitAsync(c.RequestAborted);
            }
        });
        var watch = Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, Cancel);
        for (var lines = 1; lines <= 5; lines++)
        {
            await Eventually.Holds(() => seen.Count == lines, $"line {lines} has come");
            // In all twice the silence, in steps of which two are still shorter than it.
            time.Advance(TimeSpan.FromSeconds(4));
            next.Release();
        }
        Assert.Equal("ended", (await watch).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CancellingLeavesNoRequestOpen(bool afterAnEvent)
    {
        await using var server = StubServer.Start(async c =>
        {
            if (afterAnEvent)
                await StubServer.Lines(c, Things.Event("ADDED", "a", 11));
            await StubServer.Forever(c);
        });
        using var stop = new CancellationTokenSource();
        var watch = Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, stop.Token);
        await Eventually.Holds(() => afterAnEvent ? seen.Count == 1 : server.Open == 1, "the watch is open");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
        await Eventually.Holds(() => server.Open == 0, "no request is open");
    }

    [Fact]
    public async Task TheServerIsAskedForBookmarksAndForARandomEnd()
    {
        await WatchAsync();
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(
            lastRequest[lastRequest.IndexOf('?', StringComparison.Ordinal)..]);
        Assert.Equal("true", query["allowWatchBookmarks"]);
        Assert.Equal("10", query["resourceVersion"]);
        Assert.InRange(
            int.Parse(query["timeoutSeconds"]!, System.Globalization.CultureInfo.InvariantCulture), 300, 600);
    }

    private string lastRequest = "";

    private async Task<WatchEnd> WatchAsync(params string[] lines)
    {
        await using var server = StubServer.Start(c => StubServer.Lines(c, lines));
        var end = await Things.Stream(server.Api(time), time).WatchAsync("10", seen.Add, Cancel);
        lastRequest = server.Requests.Single();
        return end;
    }
}
