using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class PlacementsTests
{
    private readonly Placements placements = new(NodeOptions.Many(2, cpu: 4, memoryGi: 8, pods: 3));

    [Fact]
    public void PodsGoToTheFreestNodeUntilNoneHasRoom()
    {
        foreach (var name in (string[])["a", "b", "c"])
            placements.Learn(Facts(name, cpu: "3"));
        Assert.Equal(["a node-1", "b node-2", "c -"], Decide());
    }

    [Fact]
    public void ARefusalIsSaidOnceAndUndoneWhenThereIsRoom()
    {
        foreach (var name in (string[])["a", "b", "c"])
            placements.Learn(Facts(name, cpu: "4"));
        Decide();
        placements.Learn(Facts("d", cpu: "4"));
        Assert.Equal(["d -"], Decide());
        placements.Forget("uid-a");
        Assert.Equal(["c node-1"], Decide());
    }

    [Fact]
    public void AFinishedPodUsesNothing()
    {
        placements.Learn(Facts("a", cpu: "4", node: "node-1"));
        placements.Learn(Facts("b", cpu: "4", node: "node-2"));
        placements.Learn(Facts("c", cpu: "4"));
        Assert.Equal(["c -"], Decide());
        placements.Learn(Facts("b", cpu: "4", node: "node-2") with { Phase = "Succeeded" });
        Assert.Equal(["c node-2"], Decide());
    }

    [Fact]
    public void ABindingThatFailedFreesTheNode()
    {
        placements.Learn(Facts("a", cpu: "4"));
        placements.Learn(Facts("b", cpu: "4"));
        placements.Learn(Facts("c", cpu: "4"));
        Decide();
        placements.Unassume("uid-a");
        Assert.Equal(["c node-1"], Decide());
    }

    [Fact]
    public void OnlyTheFirstSightOfABoundPodIsNew()
    {
        Assert.True(placements.Learn(Facts("a", cpu: "1", node: "node-1")));
        Assert.False(placements.Learn(Facts("a", cpu: "1", node: "node-1")));
        Assert.False(placements.Learn(Facts("a", cpu: "1", node: "node-1") with { Phase = "Failed" }));
    }

    [Theory]
    [InlineData("500m", 0.5)]
    [InlineData("2", 2)]
    [InlineData("1.5", 1.5)]
    [InlineData("1Ki", 1024)]
    [InlineData("3G", 3e9)]
    [InlineData("nonsense", 0)]
    public void QuantitiesAreReadAsKubernetesWritesThem(string text, double expected) =>
        Assert.Equal((decimal)expected, PodResources.Quantity(JsonValue.Create(text)));

    [Fact]
    public void SidecarsCountWithTheContainersAndInitContainersByTheLargest()
    {
        var pod = Json("""
            {"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}},
              {"name":"b","resources":{"requests":{"cpu":"500m"}}}],
             "initContainers":[{"name":"c","resources":{"requests":{"cpu":"4"}}},
              {"name":"d","restartPolicy":"Always","resources":{"requests":{"memory":"1Ki"}}}]}}
            """);
        Assert.Equal(new PodResources(4, 1024, 1), PodFacts.Of(pod).Requests);
    }

    private List<string> Decide() => placements.Schedule().ConvertAll(d => $"{d.Pod.Name} {d.Node ?? "-"}");

    private static PodFacts Facts(string name, string cpu, string? node = null)
    {
        var pod = Pod(name, $$"""{"metadata":{"uid":"uid-{{name}}"} }""");
        pod["spec"]!["containers"]![0]!["resources"] = Json($$"""{"requests":{"cpu":"{{cpu}}"} }""");
        return PodFacts.Of(pod) with { NodeName = node };
    }
}
