using System.Text;
using RunnerImage.Buildx;

namespace RunnerImage.Tests.Buildx;

/// <summary>What buildx prints of a bake: which of its targets are kept.</summary>
public sealed class BakeTargetsTests
{
    [Theory]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":[{"type":"docker"}]}}}""", "a")]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":["type=docker"]}}}""", "a")]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":["type=moby"]}}}""", "a")]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":[{"type":"docker","dest":""}]}}}""", "a")]
    [InlineData(
        """{"target":{"a":{"tags":["x"]},"b":{"tags":["y"],"output":["type=oci",{"type":"docker"}]}}}""", "a b")]
    [InlineData("""{"target":{"a":{"output":[{"type":"docker"}]}}}""", "")]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":[{"type":"registry"}]}}}""", "")]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":[{"type":"docker","dest":"x.tar"}]}}}""", "")]
    [InlineData("""{"target":{"a":{"tags":["x"],"output":[{"type":"oci"},{"type":7},{},7,null,[]]}}}""", "")]
    [InlineData("""{"target":{"a":{"tags":[7,null],"output":{"type":"docker"}}}}""", "")]
    [InlineData("""{"target":{"a":7,"b":null}}""", "")]
    [InlineData("""{"target":[1]}""", "")]
    [InlineData("""[]""", "")]
    [InlineData("7", "")]
    [InlineData("", "")]
    [InlineData("{", "")]
    public void TheTargetsThatAreKeptAreFound(string printed, string targets) => Assert.Equal(
        targets, string.Join(' ', BakeTargets.Parse(Encoding.UTF8.GetBytes(printed)).Where(t => t.Keeps)
            .Select(t => t.Name)));

    [Fact]
    public void OtherOutputsStayAsTheyAre() => Assert.Equal(
        ["type=oci,dest=a.tar", "type=registry,\"name=a,b\""],
        Assert.Single(BakeTargets.Parse(Encoding.UTF8.GetBytes("""
            {"target":{"a":{"output":[{"type":"oci","dest":"a.tar"},{"type":"docker"},
             {"type":"registry","name":"a,b"}]}}}
            """))).OtherOutputs);
}
