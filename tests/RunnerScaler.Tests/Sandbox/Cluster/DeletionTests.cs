using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class DeletionTests
{
    private readonly StoreFixture fixture = new();

    private ObjectStore Store => fixture.Store;

    [Fact]
    public void AnUnscheduledPodGoesAtOnce()
    {
        fixture.AddPod("a");
        Assert.True(Store.Delete(KnownTypes.Pods, "default", "a").Gone);
        Assert.Null(Store.Find(KnownTypes.Pods, "default", "a"));
    }

    [Fact]
    public void AScheduledPodWaitsForItsNode()
    {
        fixture.AddPod("a", """{"spec":{"terminationGracePeriodSeconds":45}}""");
        Store.Bind("default", "a", "n");

        var result = Store.Delete(KnownTypes.Pods, "default", "a");
        Assert.False(result.Gone);
        Assert.Equal("2026-03-04T05:06:52Z", result.Item.Value.Text("metadata", "deletionTimestamp"));
        Assert.Equal(45, result.Item.Value.Number("metadata", "deletionGracePeriodSeconds"));

        Assert.True(Store.Delete(KnownTypes.Pods, "default", "a", DeleteOptions.AtOnce).Gone);
    }

    [Fact]
    public void ASecondDeleteCanOnlyShortenTheGrace()
    {
        fixture.AddPod("a");
        Store.Bind("default", "a", "n");
        var first = Store.Delete(KnownTypes.Pods, "default", "a", new DeleteOptions(GraceSeconds: 20)).Item;
        fixture.Clock.Advance(TimeSpan.FromSeconds(5));

        var longer = Store.Delete(KnownTypes.Pods, "default", "a", new DeleteOptions(GraceSeconds: 60)).Item;
        Assert.Same(first, longer);
        var shorter = Store.Delete(KnownTypes.Pods, "default", "a", new DeleteOptions(GraceSeconds: 10)).Item;
        Assert.Equal("2026-03-04T05:06:17Z", shorter.Value.Text("metadata", "deletionTimestamp"));
    }

    [Fact]
    public void AFinishedPodGoesAtOnce()
    {
        fixture.AddPod("a");
        Store.Bind("default", "a", "n");
        Store.Modify(KnownTypes.Pods, "default", "a", p =>
        {
            p["status"]!["phase"] = "Succeeded";
            return p;
        }, Part.Status);
        Assert.True(Store.Delete(KnownTypes.Pods, "default", "a").Gone);
    }

    [Fact]
    public void PreconditionsGuardADelete()
    {
        var pod = fixture.AddPod("a");
        Refusal(409, () => Store.Delete(KnownTypes.Pods, "default", "a", new DeleteOptions(Uid: "other")));
        Refusal(409, () => Store.Delete(KnownTypes.Pods, "default", "a", new DeleteOptions(Version: pod.Version - 1)));
        Assert.True(Store.Delete(
            KnownTypes.Pods, "default", "a", new DeleteOptions(Uid: pod.Uid, Version: pod.Version)).Gone);
    }

    [Fact]
    public void AFinalizerHoldsAnObjectUntilItIsRemoved()
    {
        fixture.AddConfig("c", metadata: """{"finalizers":["runnerscaler.io/x"]}""");
        Assert.False(Store.Delete(KnownTypes.ConfigMaps, "default", "c").Gone);
        var held = Store.Get(KnownTypes.ConfigMaps, "default", "c");
        Assert.True(held.Value.IsDeleting());

        var edit = held.Copy();
        edit["metadata"]!.AsObject().Remove("finalizers");
        Store.Update(KnownTypes.ConfigMaps, "default", "c", edit);
        Assert.Null(Store.Find(KnownTypes.ConfigMaps, "default", "c"));
    }

    [Fact]
    public void DependentsGoWhenTheirLastOwnerIsGone()
    {
        var (first, second) = (fixture.AddConfig("first"), fixture.AddConfig("second"));
        fixture.AddConfig("one", metadata: Owners(first));
        fixture.AddConfig("both", metadata: Owners(first, second));

        Store.Delete(KnownTypes.ConfigMaps, "default", "first");
        Assert.Null(Store.Find(KnownTypes.ConfigMaps, "default", "one"));
        Assert.NotNull(Store.Find(KnownTypes.ConfigMaps, "default", "both"));

        Store.Delete(KnownTypes.ConfigMaps, "default", "second");
        Assert.Null(Store.Find(KnownTypes.ConfigMaps, "default", "both"));
    }

    [Fact]
    public void OrphanedDependentsStayWithoutTheirOwner()
    {
        var owner = fixture.AddConfig("owner");
        fixture.AddConfig("child", metadata: Owners(owner));
        Store.Delete(KnownTypes.ConfigMaps, "default", "owner", new DeleteOptions(Orphan: true));
        var child = Store.Get(KnownTypes.ConfigMaps, "default", "child");
        Assert.Empty(child.Value.Objects("metadata", "ownerReferences"));
    }

    [Fact]
    public void AnObjectOfAnOwnerThatIsGoneIsCollected()
    {
        var owner = fixture.AddConfig("owner");
        Store.Delete(KnownTypes.ConfigMaps, "default", "owner");
        fixture.AddConfig("late", metadata: Owners(owner));
        Assert.Null(Store.Find(KnownTypes.ConfigMaps, "default", "late"));
    }

    [Fact]
    public void ANamespaceTakesItsContentWithIt()
    {
        Store.Create(KnownTypes.Namespaces, null, Json("""{"metadata":{"name":"team"}}"""));
        Store.Create(KnownTypes.Pods, "team", Pod("a", null));
        Store.Delete(KnownTypes.Namespaces, null, "team");
        Assert.Empty(Store.List(KnownTypes.Pods, new Selector("team")).Items);
    }

    private static string Owners(params StoredObject[] owners) =>
        $$"""{"ownerReferences":[{{string.Join(",", owners.Select(o =>
            $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"{{o.Name}}","uid":"{{o.Uid}}"}"""))}}]}""";
}
