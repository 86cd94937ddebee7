using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerImage.Images;

/// <summary>What an image says of itself (https://github.com/opencontainers/image-spec/blob/main/config.md).</summary>
/// <param name="Architecture">Such as <c>amd64</c>.</param>
/// <param name="Os">Such as <c>linux</c>.</param>
/// <param name="Variant">Such as <c>v8</c>; null if there is none.</param>
/// <param name="Created">When it was built; null if that is not said.</param>
/// <param name="Author">Who says to have built it.</param>
/// <param name="Config">How containers of it start; null if that is not said.</param>
/// <param name="RootFs">Its layers.</param>
/// <param name="History">How each layer came about, the lowest first.</param>
internal sealed record ImageConfig(
    string? Architecture, string? Os, string? Variant, DateTimeOffset? Created, string? Author,
    JsonElement? Config, [property: JsonPropertyName("rootfs")] ImageRootFs? RootFs, IReadOnlyList<ImageStep>? History)
{
    /// <summary>The image's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels() =>
        Config is { ValueKind: JsonValueKind.Object } config && config.TryGetProperty("Labels", out var labels)
            && labels.ValueKind == JsonValueKind.Object
            ? labels.EnumerateObject().Where(l => l.Value.ValueKind == JsonValueKind.String)
                .DistinctBy(l => l.Name).ToDictionary(l => l.Name, l => l.Value.GetString()!, StringComparer.Ordinal)
            : [];
}

/// <summary>The layers of an image, by the digests of their content.</summary>
internal sealed record ImageRootFs(
    string? Type,
    [property: JsonPropertyName("diff_ids")] IReadOnlyList<string>? DiffIds);

/// <summary>How a layer of an image came about.</summary>
internal sealed record ImageStep(
    DateTimeOffset? Created,
    [property: JsonPropertyName("created_by")] string? CreatedBy,
    string? Comment,
    [property: JsonPropertyName("empty_layer")] bool? EmptyLayer);
