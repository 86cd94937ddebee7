using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;
using YamlDotNet.Serialization;

namespace RunnerScaler.Kubernetes.Installing;

/// <summary>
/// The definition of RunnerPool that this program was built with: <c>deploy/crds/runnerpools.yaml</c>.
/// </summary>
internal static class PoolDefinition
{
    private const string Resource = "runnerpools.yaml";

    /// <summary>A copy of its own for each caller.</summary>
    public static JsonObject Read()
    {
        using var stream = typeof(PoolDefinition).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program was built without {Resource}.");
        using var text = new StreamReader(stream);
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var json = new SerializerBuilder().JsonCompatible().Build().Serialize(yaml.Deserialize(text)!);
        return JsonText.ParseStrictly(JsonText.Parse(Encoding.UTF8.GetBytes(json)).RootElement);
    }
}
