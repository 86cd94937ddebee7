using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Watching;

namespace RunnerScaler.Tests.Kubernetes.Watching;

public sealed class InformerTests
{
    private readonly FakeTimeProvider time = new();
    private readonly ObjectCache<string> cache = new();
    private readonly RecordedClusterMetrics metrics = new();
    private readonly ConcurrentQueue<string> told = new();

    public InformerTests() => cache.Changed += (before, after) => told.Enqueue($"{before}>{after}");

    [Fact]
    public async Task AListThenAWatchFillTheCache()
    {
        await RunAsync(
            [Things.List(10, "", Things.Json("a", 1), Things.Json("b", 2))],
            [[Things.Event("MODIFIED", "a", 11), Things.Event("DELETED", "b", 12), Things.Event("ADDED", "c", 13)]],
            () => told.Count == 5);
        Assert.Equal([">a@1", ">b@2", "a@1>a@11", "b@2>", ">c@13"], told);
        Assert.Equal(["a@11", "c@13"], cache.All.Order());
    }

    [Fact]
    public async Task AnExpiredWatchIsFollowedByAListThatShowsWhatWasMissed()
    {
        await RunAsync(
            [
                Things.List(10, "", Things.Json("gone", 1), Things.Json("same", 2), Things.Json("other", 3)),
                Things.List(50, "", Things.Json("same", 2), Things.Json("other", 44, "uid-2"), Things.Json("new", 45)),
            ],
            [[Things.Expired]],
            () => told.Count == 7);
        Assert.Equal(
            [">gone@1", ">same@2", ">other@3", "gone@1>", "other@3>", ">other@44", ">new@45"], told);
        Assert.Equal(["expired"], metrics.WatchEnds.Take(1));
    }

    [Fact]
    public async Task ADeletionAndANewObjectOfTheNameAreTwoChanges()
    {
        await RunAsync(
            [Things.List(10, "", Things.Json("a", 1))],
            [[Things.Event("MODIFIED", "a", 11, "another-uid")]],
            () => told.Count == 3);
        Assert.Equal([">a@1", "a@1>", ">a@11"], told);
    }

    [Fact]
    public async Task AnUndecodableEventIsFollowedByAList()
    {
        await RunAsync(
            [Things.List(10, ""), Things.List(20, "", Things.Json("a", 15))],
            [["{broken"]],
            () => told.Count == 1);
        Assert.Equal([">a@15"], told);
        Assert.Equal(["undecodable"], metrics.WatchEnds.Take(1));
    }

    [Fact]
    public async Task AnObjectThatCannotBeReadStaysAsItWasKnownAndIsTold()
    {
        var cache = new ObjectCache<string>();
        cache.Take(new Observed<string>("ns", "a", "uid-a", "a@1"));
        var bad = new Observed<string>("ns", "a", "uid-a", null) { Unreadable = "why" };
        cache.Take(bad);
        cache.Replace(null, [bad]);
        Assert.Equal("a@1", cache.Find("ns", "a"));
        await RunAsync(
            [Things.List(10, "", Things.Json("bad", 1), Things.Json("a", 2))],
            [[Things.Event("MODIFIED", "bad", 11), Things.Event("ADDED", "b", 12)]],
            () => told.Count == 2);
        Assert.Equal([">a@2", ">b@12"], told);
        Assert.Equal(["things", "things"], metrics.IgnoredWords.Take(2));
    }

    [Fact]
    public async Task NothingIsConcludedFromAListThatFails()
    {
        await RunAsync(
            [
                Things.List(10, "", Things.Json("a", 1)),
                "<html>",
                Things.List(30, "", Things.Json("a", 1), Things.Json("b", 2)),
            ],
            [[Things.Expired]],
            () => told.Count == 2);
        Assert.Equal([">a@1", ">b@2"], told);
    }

    [Fact]
    public async Task AnObjectThatIsNoLongerOursIsGone()
    {
        await RunAsync(
            [Things.List(10, "", Things.Json("foreign", 1))],
            [[Things.Event("ADDED", "a", 11)]],
            () => told.Count == 1);
        Assert.Equal([">a@11"], told);
        cache.Take(new Observed<string>("ns", "a", "uid-a", null));
        Assert.Empty(cache.All);
    }

    [Fact]
    public async Task UntilTheFirstListNothingIsSynced()
    {
        var may = new TaskCompletionSource();
        await using var server = StubServer.Start(async c =>
        {
            await may.Task.WaitAsync(c.RequestAborted);
            if (c.Request.Query.ContainsKey("watch"))
                await StubServer.Forever(c);
            await StubServer.Json(c, 200, Things.List(10, ""));
        });
        using var stop = new CancellationTokenSource();
        var informer = Things.Informer(server.Api(time), cache, time, metrics);
        var run = informer.RunAsync(stop.Token);
        await Eventually.Holds(() => server.Open == 1, "the list is asked for");
        Assert.False(informer.Synced);
        may.SetResult();
        await Eventually.Holds(() => informer.Synced, "synced");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Eventually.Holds(() => server.Open == 0, "no request is open");
    }

    [Fact]
    public async Task AnExpiredWatchIsFollowedByAListAtOnce()
    {
        var lists = 0;
        await using var server = StubServer.Start(async c =>
        {
            if (!c.Request.Query.ContainsKey("watch"))
                await StubServer.Json(c, 200, Things.List(10 * ++lists, "", Things.Json("a", lists)));
            else if (lists < 2)
                await StubServer.Json(c, 410, "{}");
            else
                await StubServer.Forever(c);
        });
        await RunAsync(server, () => { }, () => lists == 2 && told.Count == 2);
        Assert.Equal([">a@1", "a@1>a@2"], told);
    }

    [Fact]
    public async Task WatchesThatExpireForeverAreNoBusyLoop()
    {
        await using var server = StubServer.Start(c => c.Request.Query.ContainsKey("watch")
            ? StubServer.Json(c, 410, "{}")
            : StubServer.Json(c, 200, Things.List(10, "")));
        await RunAsync(server, () => { }, () => metrics.WatchEnds.Count == 2);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task AnApiServerThatNeverAnswersIsNoReasonToRestart()
    {
        var beats = new Heartbeats(time);
        await using var server = StubServer.Start(StubServer.Forever);
        using var stop = new CancellationTokenSource();
        var run = Things.Informer(server.Api(time), cache, time, metrics, beats).RunAsync(stop.Token);
        await Eventually.Holds(
            () =>
            {
                Assert.Empty(beats.Overdue());
                if (server.Open > 0)
                    time.Advance(TimeSpan.FromSeconds(31));
                time.Advance(TimeSpan.FromSeconds(1));
                return server.Requests.Count > 10;
            },
            "many tries");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public void AListOfOneNamespaceLeavesTheOthersAlone()
    {
        cache.Take(new Observed<string>("one", "a", "1", "a"));
        cache.Take(new Observed<string>("two", "b", "2", "b"));
        cache.Replace("one", []);
        Assert.Equal(["b"], cache.All);
    }

    /// <summary>Serves the lists and watches in turn (the last watch stays open), until the condition holds.</summary>
    private async Task RunAsync(string[] lists, string[][] watches, Func<bool> until)
    {
        int listed = 0, watched = 0;
        await using var server = StubServer.Start(async c =>
        {
            if (!c.Request.Query.ContainsKey("watch"))
            {
                await StubServer.Json(c, 200, lists[Math.Min(listed++, lists.Length - 1)]);
                return;
            }
            var last = watched >= watches.Length;
            if (!last)
                await StubServer.Lines(c, watches[watched++]);
            if (last || lists.Length == 1)
                await StubServer.Forever(c);
        });
        // Lets the pauses pass, but no silence.
        await RunAsync(server, () => time.Advance(TimeSpan.FromMilliseconds(20)), until);
    }

    private async Task RunAsync(StubServer server, Action meanwhile, Func<bool> until)
    {
        using var stop = new CancellationTokenSource();
        var run = Things.Informer(server.Api(time), cache, time, metrics).RunAsync(stop.Token);
        await Eventually.Holds(
            () =>
            {
                meanwhile();
                return until();
            },
            "the cache shows it all");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
