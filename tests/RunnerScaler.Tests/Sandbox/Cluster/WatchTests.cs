using CsCheck;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class WatchTests
{
    private readonly StoreFixture fixture = new(historyLength: 4);

    private ObjectStore Store => fixture.Store;

    [Fact]
    public void AWatchWithoutVersionStartsWithWhatExists()
    {
        fixture.AddConfig("a");
        var cursor = Store.Watch(KnownTypes.ConfigMaps);
        fixture.AddConfig("b");
        Assert.Equal(["ADDED a", "ADDED b"], Drain(cursor));
    }

    [Fact]
    public void AWatchFromAVersionDeliversWhatCameAfter()
    {
        var first = fixture.AddConfig("a");
        fixture.AddConfig("b");
        Store.Delete(KnownTypes.ConfigMaps, "default", "a");
        Assert.Equal(["ADDED b", "DELETED a"], Drain(Store.Watch(KnownTypes.ConfigMaps, null, first.Version)));
    }

    [Fact]
    public void EnteringAndLeavingASelectionIsAddedAndDeleted()
    {
        fixture.AddConfig("a");
        var cursor = Store.Watch(KnownTypes.ConfigMaps, new Selector(Labels: LabelSelector.Parse("on")));
        Label("a", "on");
        Label("a", "off");
        Assert.Equal(["ADDED a", "DELETED a"], Drain(cursor));
    }

    [Fact]
    public void AVersionBeforeTheHistoryIsExpired()
    {
        var first = fixture.AddConfig("a");
        for (var i = 0; i < 5; i++)
            fixture.AddConfig($"b{i}");
        Assert.Equal("Expired", Refusal(410, () => Store.Watch(KnownTypes.ConfigMaps, null, first.Version)).Reason);
    }

    [Fact]
    public void AReaderThatFellBehindTheHistoryIsExpired()
    {
        var cursor = Store.Watch(KnownTypes.ConfigMaps);
        for (var i = 0; i < 5; i++)
            fixture.AddConfig($"b{i}");
        Refusal(410, () => cursor.TryNext(out _));
    }

    [Fact]
    public void CompactionExpiresEvenAWatchThatHadSeenAll()
    {
        fixture.AddConfig("a");
        var cursor = Store.Watch(KnownTypes.ConfigMaps);
        Drain(cursor);
        var version = Store.Version;
        Store.Compact();
        Refusal(410, () => cursor.TryNext(out _));
        Refusal(410, () => Store.Watch(KnownTypes.ConfigMaps, null, version));
        Assert.Empty(Drain(Store.Watch(KnownTypes.ConfigMaps, null, Store.List(KnownTypes.ConfigMaps).Version)));
    }

    [Fact]
    public async Task WaitingEndsWithTheNextChangeOfTheType()
    {
        var cursor = Store.Watch(KnownTypes.ConfigMaps);
        Drain(cursor);
        var wait = cursor.WaitAsync();
        fixture.AddPod("p");
        Assert.False(wait.IsCompleted);
        fixture.AddConfig("a");
        await wait.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(cursor.TryNext(out _));
    }

    [Fact]
    public void ABookmarkIsOnlyGivenWhenAllIsSeen()
    {
        var cursor = Store.Watch(KnownTypes.ConfigMaps);
        fixture.AddConfig("a");
        Assert.Null(cursor.SeenVersion());
        Drain(cursor);
        fixture.AddPod("p");
        Assert.Equal(Store.Version, cursor.SeenVersion());
    }

    [Fact]
    public void PagesShowOneStateWhateverHappensBetween()
    {
        foreach (var name in (string[])["a", "b", "c"])
            fixture.AddConfig(name);
        var first = Store.List(KnownTypes.ConfigMaps, null, 2, null, null);
        Store.Delete(KnownTypes.ConfigMaps, "default", "c");
        fixture.AddConfig("d");

        var second = Store.List(KnownTypes.ConfigMaps, null, 2, first.Continue, null);
        Assert.Equal(["a", "b"], first.Items.Select(i => i.Name));
        Assert.Equal(1, first.Remaining);
        Assert.Equal(["c"], second.Items.Select(i => i.Name));
        Assert.Equal(first.Version, second.Version);
        Assert.Null(second.Continue);
    }

    [Fact]
    public void APageOfAForgottenStateIsExpired()
    {
        fixture.AddConfig("a");
        fixture.AddConfig("b");
        var first = Store.List(KnownTypes.ConfigMaps, null, 1, null, null);
        Store.Compact();
        Refusal(410, () => Store.List(KnownTypes.ConfigMaps, null, 1, first.Continue, null));
    }

    [Fact]
    public void AWatchAndAListAlwaysTellTheSameStory() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2]).List[1, 60].Sample(steps =>
        {
            var store = new StoreFixture(historyLength: 1000);
            var cursor = store.Store.Watch(KnownTypes.ConfigMaps, new Selector(Labels: LabelSelector.Parse("on")));
            var seen = new HashSet<string>();
            foreach (var (slot, what) in steps)
            {
                Step(store, $"c{slot}", what);
                while (cursor.TryNext(out var next))
                {
                    Assert.Equal(next.Kind == WatchEventKind.Added, !seen.Contains(next.Item.Name));
                    if (next.Kind == WatchEventKind.Deleted)
                        seen.Remove(next.Item.Name);
                    else
                        seen.Add(next.Item.Name);
                }
            }
            var listed = store.Store.List(KnownTypes.ConfigMaps, new Selector(Labels: LabelSelector.Parse("on")));
            Assert.Equal(listed.Items.Select(i => i.Name).Order(), seen.Order());
        }, iter: 200);

    private static void Step(StoreFixture fixture, string name, int what)
    {
        var exists = fixture.Store.Find(KnownTypes.ConfigMaps, "default", name) is not null;
        if (!exists)
            fixture.AddConfig(name, metadata: what == 0 ? """{"labels":{"on":""}}""" : "{}");
        else if (what == 2)
            fixture.Store.Delete(KnownTypes.ConfigMaps, "default", name);
        else
            Label(fixture.Store, name, what == 0 ? "on" : "off");
    }

    private void Label(string name, string label) => Label(Store, name, label);

    private static void Label(ObjectStore store, string name, string label) =>
        store.Modify(KnownTypes.ConfigMaps, "default", name, value =>
        {
            value["metadata"]!["labels"] = Json($$"""{"{{label}}":"x"}""");
            return value;
        });
}
