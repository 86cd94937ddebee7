using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;
using YamlDotNet.Serialization;

namespace RunnerScaler.Tests.Tidy;

/// <summary>What people copy works.</summary>
public sealed class ExampleTests
{
    private static readonly SourceFile[] Examples =
    [
        .. Repository.Files.Where(f =>
            f.IsUnder("deploy/examples") && f.Text.Contains("kind: RunnerPool", StringComparison.Ordinal)),
    ];

    [Fact]
    public void EveryExampleIsAPoolThatTheControllerAccepts()
    {
        Assert.NotEmpty(Examples);
        Assert.All(Examples, example => Assert.Null(Read(example.Text).Problem?.Message));
    }

    [Theory]
    [InlineData("pools.md", 10)]
    [InlineData("install.md", 1)]
    public void EveryPoolOfAPageIsOneThatTheControllerAccepts(string page, int pools)
    {
        var blocks = Page.Read(page).Split("```yaml\n").Skip(1).Select(b => b.Split("```")[0])
            .Where(b => b.Contains("kind: RunnerPool", StringComparison.Ordinal)).ToArray();

        Assert.Equal(pools, blocks.Length);
        Assert.All(blocks, block => Assert.Null(Read(block).Problem?.Message));
        Assert.NotNull(Read(blocks[0].Replace("maxRunners:", "maxRunner:", StringComparison.Ordinal)).Problem);
    }

    [Fact]
    public void ThereIsAnExampleOfEveryScope() => Assert.Equal(
        Enum.GetValues<ScopeKind>(),
        Examples.SelectMany(e => Read(e.Text).Pool!.Serves).Select(s => s.Kind).Distinct().Order());

    [Fact]
    public void AMistakeInAnExampleWouldBeFound() =>
        Assert.NotNull(Read(Examples[0].Text.Replace("maxRunners:", "maxRunner:", StringComparison.Ordinal)).Problem);

    private static PoolObject Read(string yaml)
    {
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var value = reader.Deserialize(yaml);
        using var json = JsonDocument.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(value));
        return RunnerPoolReader.ReadWhole(json.RootElement, new()).Pool;
    }
}
