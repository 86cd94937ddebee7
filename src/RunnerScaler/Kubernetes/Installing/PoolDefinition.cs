using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

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
        var yaml = new YamlStream();
        yaml.Load(text);
        return Read(yaml.Documents.Single().RootNode)!.AsObject();
    }

    private static JsonNode? Read(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(
            entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, Read(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Read)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => ReadPlain(plain.Value!),
        YamlScalarNode quoted => quoted.Value,
        _ => throw new InvalidOperationException($"{Resource} has what JSON has not: {node}."),
    };

    private static JsonNode? ReadPlain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => true,
        "false" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) => number,
        _ => text,
    };
}
