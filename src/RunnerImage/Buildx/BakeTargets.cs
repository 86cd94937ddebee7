using System.Text.Json;

namespace RunnerImage.Buildx;

/// <summary>A target of a bake, as buildx has understood all files and flags.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tags">The names of its image.</param>
/// <param name="Keeps">Whether its image goes into Docker, or would with a daemon.</param>
/// <param name="OtherOutputs">Where else it goes.</param>
/// <param name="Context">The folder that it builds from; null for the current one.</param>
/// <param name="Dockerfile">The path of its Dockerfile; null for the usual one.</param>
/// <param name="InlineDockerfile">Its Dockerfile's text; null if it has a file.</param>
/// <param name="Contexts">The named contexts that it has, and what they are.</param>
internal sealed record BakeTarget(
    string Name, IReadOnlyList<string> Tags, bool Keeps, IReadOnlyList<string> OtherOutputs, string? Context,
    string? Dockerfile, string? InlineDockerfile, IReadOnlyDictionary<string, string> Contexts);

/// <summary>The targets of a bake. They stand in files that only buildx can read, so it is asked.</summary>
internal static class BakeTargets
{
    /// <param name="printed">What <c>bake --print</c> prints.</param>
    /// <returns>None if it is something else.</returns>
    public static IReadOnlyList<BakeTarget> Parse(byte[] printed)
    {
        try
        {
            using var json = JsonDocument.Parse(printed);
            return Property(json.RootElement, "target") is { ValueKind: JsonValueKind.Object } targets
                ? [.. targets.EnumerateObject().Select(t => Parse(t.Name, t.Value))]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static BakeTarget Parse(string name, JsonElement target)
    {
        List<string> outputs = [.. Items(target, "output").Select(Output)];
        string[] tags = [.. Items(target, "tags").Where(t => t.ValueKind == JsonValueKind.String)
            .Select(t => t.GetString()!)];
        var loads = outputs.Exists(BuildOutput.LoadsIntoDocker);
        return new(
            name,
            tags,
            (loads || outputs.Count == 0) && tags.Length > 0,
            [.. outputs.Where(o => !BuildOutput.LoadsIntoDocker(o))],
            Text(target, "context"),
            Text(target, "dockerfile"),
            Text(target, "dockerfile-inline"),
            Property(target, "contexts") is { ValueKind: JsonValueKind.Object } contexts
                ? contexts.EnumerateObject().DistinctBy(c => c.Name).ToDictionary(
                    c => c.Name,
                    c => c.Value.ValueKind == JsonValueKind.String ? c.Value.GetString()! : "",
                    StringComparer.Ordinal)
                : []);
    }

    /// <summary>Older releases print an output as the flag has it, newer ones its fields.</summary>
    private static string Output(JsonElement output) => output.ValueKind switch
    {
        JsonValueKind.String => output.GetString()!,
        JsonValueKind.Object => Csv.Line(output.EnumerateObject()
            .Where(f => f.Value.ValueKind == JsonValueKind.String)
            .Select(f => $"{f.Name}={f.Value.GetString()}")),
        _ => "",
    };

    private static JsonElement.ArrayEnumerator Items(JsonElement target, string name) =>
        Property(target, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static string? Text(JsonElement fields, string name) =>
        Property(fields, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
