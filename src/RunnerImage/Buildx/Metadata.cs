using System.Text.Json;

namespace RunnerImage.Buildx;

/// <summary>What buildx writes into its <c>--metadata-file</c>.</summary>
internal static class Metadata
{
    private const string Reference = "buildx.build.ref";

    /// <summary>
    /// The references (<c>builder/node/id</c>) of all builds: of a build at the top, of bake in each target.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static IReadOnlyList<string> References(ReadOnlyMemory<byte> text)
    {
        using var json = JsonDocument.Parse(text);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
            return [];
        return [.. json.RootElement.EnumerateObject().Select(p => p.Value)
            .Where(v => v.ValueKind == JsonValueKind.Object).Append(json.RootElement)
            .Select(ReferenceIn).OfType<string>().Distinct()];
    }

    private static string? ReferenceIn(JsonElement build) =>
        build.TryGetProperty(Reference, out var reference) && reference.ValueKind == JsonValueKind.String
            ? reference.GetString()
            : null;
}
