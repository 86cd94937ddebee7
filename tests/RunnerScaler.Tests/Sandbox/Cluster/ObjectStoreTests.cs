using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class ObjectStoreTests
{
    private readonly StoreFixture fixture = new();

    private ObjectStore Store => fixture.Store;

    [Fact]
    public void ANewObjectGetsItsIdentityFromTheServer()
    {
        var pod = fixture.AddPod(
            "a", """{"metadata":{"uid":"mine","labels":{"x":"y"}},"status":{"phase":"Running"}}""");

        Assert.NotEqual("mine", pod.Uid);
        Assert.Equal("2026-03-04T05:06:07Z", pod.Value.Text("metadata", "creationTimestamp"));
        Assert.Equal("default", pod.Namespace);
        Assert.Equal("Pending", pod.Value.Text("status", "phase"));
        Assert.Equal(Versions.Write(Store.Version), pod.Value.Text("metadata", "resourceVersion"));
    }

    [Fact]
    public void ATakenNameIsRefusedAndAGeneratedNameIsNot()
    {
        fixture.AddPod("a");
        var failure = Refusal(409, () => fixture.AddPod("a"));
        Assert.Equal("AlreadyExists", failure.Reason);
        Assert.Equal("pods \"a\" already exists", failure.Message);

        var body = Json("""{"metadata":{"generateName":"a-"}}""");
        var first = Store.Create(KnownTypes.ConfigMaps, "default", body);
        var second = Store.Create(KnownTypes.ConfigMaps, "default", body);
        Assert.StartsWith("a-", first.Name, StringComparison.Ordinal);
        Assert.NotEqual(first.Name, second.Name);
    }

    [Fact]
    public void ANameOfADeletedButWaitingPodIsStillTaken()
    {
        fixture.AddPod("a");
        Store.Bind("default", "a", "node");
        Assert.False(Store.Delete(KnownTypes.Pods, "default", "a").Gone);

        Assert.Contains("object is being deleted", Refusal(409, () => fixture.AddPod("a")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AnUpdateFromAnOldVersionIsAConflict()
    {
        var first = fixture.AddConfig("c");
        var edit = first.Copy();
        edit["data"] = Json("""{"k":"1"}""");
        var second = Store.Update(KnownTypes.ConfigMaps, "default", "c", edit);

        Assert.True(second.Version > first.Version);
        Assert.Equal("Conflict", Refusal(409, () => Store.Update(KnownTypes.ConfigMaps, "default", "c", edit)).Reason);
    }

    [Fact]
    public void AnUpdateThatChangesNothingSpendsNoVersion()
    {
        var before = fixture.AddConfig("c", """{"k":"1"}""");
        var after = Store.Update(KnownTypes.ConfigMaps, "default", "c", before.Copy());
        Assert.Same(before, after);
    }

    [Fact]
    public void ALeaseCannotBeUpdatedWithoutItsVersion()
    {
        var lease = Json("""{"metadata":{"name":"l"},"spec":{"holderIdentity":"a"}}""");
        Store.Create(KnownTypes.Leases, "default", lease);
        Refusal(422, () => Store.Update(KnownTypes.Leases, "default", "l", lease));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00.123456Z", true)]
    [InlineData("2026-01-01T00:00:00Z", false)]
    [InlineData("2026-01-01T00:00:00.1234567Z", false)]
    public void ALeaseTimeHasExactlySixDecimals(string time, bool isAccepted)
    {
        var lease = Json($$$"""{"metadata":{"name":"l"},"spec":{"renewTime":"{{{time}}}"}}""");
        if (isAccepted)
            Store.Create(KnownTypes.Leases, "default", lease);
        else
            Refusal(400, () => Store.Create(KnownTypes.Leases, "default", lease));
        Assert.Equal(isAccepted, Store.Find(KnownTypes.Leases, "default", "l") is not null);
    }

    [Fact]
    public void StatusAndSpecAreWrittenApart()
    {
        var pod = fixture.AddPod("a");
        var edit = pod.Copy();
        edit["status"]!["phase"] = "Running";
        edit["metadata"]!["labels"] = Json("""{"x":"1"}""");
        var main = Store.Update(KnownTypes.Pods, "default", "a", edit);
        Assert.Equal(("Pending", "1"),
            (main.Value.Text("status", "phase"), main.Value.Text("metadata", "labels", "x")));

        edit = main.Copy();
        edit["status"]!["phase"] = "Running";
        edit["spec"]!["nodeName"] = "stolen";
        var status = Store.Update(KnownTypes.Pods, "default", "a", edit, Part.Status);
        Assert.Equal(("Running", null), (status.Value.Text("status", "phase"), status.Value.Text("spec", "nodeName")));
    }

    [Fact]
    public void APodsContainersCannotBeChangedButItsImagesCan()
    {
        fixture.AddPod("a");
        Store.Modify(KnownTypes.Pods, "default", "a", p =>
        {
            p["spec"]!["containers"]![0]!["image"] = "runner:2";
            return p;
        });
        Assert.Equal("runner:2", fixture.Pod("a").Value.Objects("spec", "containers").Single().Text("image"));
        Refusal(422, () => Store.Modify(KnownTypes.Pods, "default", "a", p =>
        {
            p["spec"]!["containers"]![0]!["name"] = "other";
            return p;
        }));
    }

    [Fact]
    public void NothingIsCreatedInAMissingNamespace() =>
        Refusal(404, () => Store.Create(KnownTypes.Pods, "nowhere", Pod("a", null)));

    [Theory]
    [InlineData("""{"metadata":{"name":"Upper"}}""", "metadata.name")]
    [InlineData("""{"metadata":{"labels":{"a":"not valid"}}}""", "metadata.labels")]
    [InlineData("""{"spec":{"containers":[]}}""", "spec.containers")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", "spec.containers[0].image")]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"i"},{"name":"a","image":"i"}]}}""",
        "spec.containers[1].name")]
    [InlineData("""
        {"spec":{"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}
        """, "volumeMounts")]
    public void AnInvalidPodIsRefusedWithTheFieldThatIsWrong(string more, string field)
    {
        var failure = Refusal(422, () => fixture.AddPod("a", more));
        Assert.Contains(field, failure.Message, StringComparison.Ordinal);
        Assert.Equal("Pod", failure.ToStatus().Text("details", "kind"));
    }

    [Fact]
    public void ADryRunChangesNothing()
    {
        var before = Store.Version;
        Store.Create(KnownTypes.Pods, "default", Pod("a", null), new WriteOptions(DryRun: true));
        Assert.Null(Store.Find(KnownTypes.Pods, "default", "a"));
        Assert.Equal(before, Store.Version);
    }

    [Fact]
    public void APodIsBoundOnce()
    {
        fixture.AddPod("a");
        var bound = Store.Bind("default", "a", "n1");
        Assert.Equal("n1", bound.Value.Text("spec", "nodeName"));
        Assert.Equal("True", Conditions.Of(bound.Value, "PodScheduled"));
        Refusal(409, () => Store.Bind("default", "a", "n2"));
    }

    [Fact]
    public void TheSameSeedGivesTheSameIdentities()
    {
        static string Uid() => new StoreFixture().AddPod("a").Uid;
        Assert.Equal(Uid(), Uid());
    }
}
