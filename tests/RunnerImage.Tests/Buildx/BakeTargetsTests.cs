using System.Text;
using RunnerImage.Buildx;

namespace RunnerImage.Tests.Buildx;

/// <summary>What buildx prints of a bake: which of its targets goes into Docker.</summary>
public sealed class BakeTargetsTests
{
    [Theory]
    [InlineData("""{"target":{"a":{"output":[{"type":"docker"}]}}}""", "a")]
    [InlineData("""{"target":{"a":{"output":["type=docker"]}}}""", "a")]
    [InlineData("""{"target":{"a":{"output":["type=moby"]}}}""", "a")]
    [InlineData("""{"target":{"a":{"output":[{"type":"docker","dest":""}]}}}""", "a")]
    [InlineData("""{"target":{"a":{"output":[{"type":"oci"}]},"b":{"output":["type=oci",{"type":"docker"}]}}}""", "b")]
    [InlineData("""{"group":{},"target":{"a":{"context":"."}}}""", null)]
    [InlineData("""{"target":{"a":{"output":[{"type":"docker","dest":"x.tar"}]}}}""", null)]
    [InlineData("""{"target":{"a":{"output":["type=docker,dest=x.tar"]}}}""", null)]
    [InlineData("""{"target":{"a":{"output":[{"type":"oci"},{"type":7},{},7,null,[]]}}}""", null)]
    [InlineData("""{"target":{"a":{"output":{"type":"docker"}}}}""", null)]
    [InlineData("""{"target":{"a":7,"b":null}}""", null)]
    [InlineData("""{"target":[1]}""", null)]
    [InlineData("""[]""", null)]
    [InlineData("7", null)]
    [InlineData("", null)]
    [InlineData("{", null)]
    public void TheTargetThatLoadsIsFound(string printed, string? target) =>
        Assert.Equal(target, BakeTargets.ThatLoads(Encoding.UTF8.GetBytes(printed)));
}
