using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Patching;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class PatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":[1,3]}""", """[{"op":"add","path":"/a/1","value":2}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1]}""", """[{"op":"add","path":"/a/-","value":2}]""", """{"a":[1,2]}""")]
    [InlineData("""{"a":1,"b":2}""", """[{"op":"remove","path":"/a"}]""", """{"b":2}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/a","value":{"b":2}}]""", """{"a":{"b":2}}""")]
    [InlineData("""{"a":{"x":1},"b":{}}""", """[{"op":"move","from":"/a/x","path":"/b/y"}]""",
        """{"a":{},"b":{"y":1}}""")]
    [InlineData("""{"a":[1]}""", """[{"op":"copy","from":"/a","path":"/b"}]""", """{"a":[1],"b":[1]}""")]
    [InlineData("""{"a/b":1,"m~n":2}""",
        """[{"op":"replace","path":"/a~1b","value":3},{"op":"remove","path":"/m~0n"}]""", """{"a/b":3}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":2}]""",
        """{"a":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/b","value":null}]""", """{"a":1}""")]
    public void JsonPatchFollowsItsStandard(string document, string patch, string expected) =>
        AssertSame(expected, JsonPatch.Apply(JsonNode.Parse(document), JsonNode.Parse(patch)));

    [Theory]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/b","value":2}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/b"}]""", 422)]
    [InlineData("""[{"op":"add","path":"/b/c","value":2}]""", 422)]
    [InlineData("""[{"op":"turn","path":"/a"}]""", 400)]
    [InlineData("""{"op":"add"}""", 400)]
    public void AJsonPatchThatDoesNotApplyIsRefused(string patch, int code) =>
        Refusal(code, () => JsonPatch.Apply(JsonNode.Parse("""{"a":1}"""), JsonNode.Parse(patch)));

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void MergePatchFollowsItsStandard(string target, string patch, string expected) =>
        AssertSame(expected, MergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch)));

    [Theory]
    [InlineData("""{"containers":[{"name":"a","image":"1"},{"name":"b"}]}""",
        """{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}""",
        """{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b"}]}""")]
    [InlineData("""{"volumes":[{"name":"a"},{"name":"b"}]}""", """{"volumes":[{"name":"a","$patch":"delete"}]}""",
        """{"volumes":[{"name":"b"}]}""")]
    [InlineData("""{"containers":[{"name":"a"}]}""", """{"containers":[{"$patch":"replace"},{"name":"b"}]}""",
        """{"containers":[{"name":"b"}]}""")]
    [InlineData("""{"args":["a","b"]}""", """{"args":["c"]}""", """{"args":["c"]}""")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":null,"d":3}}""", """{"a":{"c":2,"d":3}}""")]
    public void StrategicMergeKnowsTheListsThatAreMaps(string target, string patch, string expected)
    {
        var value = Json(target);
        StrategicMerge.Apply(value, Json(patch), ListShape.Root(KnownTypes.Pods));
        AssertSame(expected, value);
    }

    [Fact]
    public void ATestOfAnAnnotationIsACompareAndSwap()
    {
        var fixture = new StoreFixture();
        fixture.AddPod("a", """{"metadata":{"annotations":{"runnerscaler.io/claim":""}}}""");
        var patch = new Patch(PatchKind.Json, JsonNode.Parse("""
            [{"op":"test","path":"/metadata/annotations/runnerscaler.io~1claim","value":""},
             {"op":"replace","path":"/metadata/annotations/runnerscaler.io~1claim","value":"mine"}]
            """)!);
        fixture.Store.Patch(KnownTypes.Pods, "default", "a", patch);
        Assert.Equal("Invalid", Refusal(422, () => fixture.Store.Patch(KnownTypes.Pods, "default", "a", patch)).Reason);
        Assert.Equal("mine", fixture.Pod("a").Value.Text("metadata", "annotations", "runnerscaler.io/claim"));
    }

    [Fact]
    public void AMergePatchWithAnOldVersionIsAConflict()
    {
        var fixture = new StoreFixture();
        var pod = fixture.AddPod("a");
        var patch = new Patch(PatchKind.Merge, Json($$$"""
            {"metadata":{"labels":{"a":"b"},"resourceVersion":"{{{pod.Version}}}"}}
            """));
        fixture.Store.Patch(KnownTypes.Pods, "default", "a", patch);
        Refusal(409, () => fixture.Store.Patch(KnownTypes.Pods, "default", "a", patch));
    }

    private static void AssertSame(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual),
            $"expected {expected}, got {actual?.ToJsonString()}");
}
