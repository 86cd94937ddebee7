using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Installing;
using YamlDotNet.Serialization;

namespace RunnerScaler.Tests.Kubernetes.Installing;

public sealed class PoolDefinitionTests
{
    [Fact]
    public void ItIsWhatTheLibraryReadsInTheFile()
    {
        using var stream = typeof(PoolDefinition).Assembly.GetManifestResourceStream("runnerpools.yaml")!;
        using var text = new StreamReader(stream);
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var json = new SerializerBuilder().JsonCompatible().Build().Serialize(yaml.Deserialize(text)!);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(PoolDefinition.Read().ToJsonString())));
    }
}
