using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

public sealed class PodRegistryTests
{
    [Fact]
    public void WhatIsWrittenIsRead()
    {
        PodRegistry[] all =
        [
            new("docker.io", ["mirror.acme.io:5000/hub", "10.0.0.1"], false, false),
            new("old.acme.io", [], true, false),
            new("odd.acme.io:5000", [], false, true),
        ];

        var text = PodRegistry.Write(all);
        var read = PodRegistry.Read(text);

        Assert.Equal("""{"host":"old.acme.io","http":true}""", text.Split("},")[1] + "}");
        Assert.Equal(all.Select(r => (r.Host, string.Join(' ', r.Mirrors), r.Http, r.Insecure)),
            read.Select(r => (r.Host, string.Join(' ', r.Mirrors), r.Http, r.Insecure)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"registries\":1}")]
    [InlineData("{\"registries\":[1,null,[],{}]}")]
    [InlineData("""{"registries":[{"host":"a\"]\nx"},{"host":"a\n"},{"host":"\ud800"},{"host":"-a"}]}""")]
    public void WhatCannotBeIsLeftOut(string? list) => Assert.Empty(PodRegistry.Read(list));

    [Fact]
    public void ABadPartCostsNoMoreThanItself()
    {
        var read = PodRegistry.Read(
            """{"registries":[{"host":"a","mirrors":["b\"","c",1,null],"http":"yes"},{"host":"A","http":true}]}""");

        Assert.Equal(("a", "c", false), (read.Single().Host, read.Single().Mirrors.Single(), read.Single().Http));
    }

    [Fact]
    public void AListHasAnEnd()
    {
        var many = PodRegistry.Write(Enumerable.Range(0, 1000).Select(i => new PodRegistry($"r{i}", [], true, false)));

        Assert.Equal(20, PodRegistry.Read(many).Length);
        Assert.Empty(PodRegistry.Read(many + new string(' ', 128 << 10)));
    }

    [Theory]
    [InlineData("a.io", "A.io", 443, true)]
    [InlineData("a.io", "a.io", 5000, false)]
    [InlineData("a.io:5000", "a.io", 5000, true)]
    [InlineData("a.io:5000", "a.io", 443, false)]
    [InlineData("a.io:443", "a.io", 443, true)]
    public void ItsPlaceIsKnown(string registry, string host, int port, bool expected) =>
        Assert.Equal(expected, new PodRegistry(registry, [], false, true).IsAt(host, port));
}
