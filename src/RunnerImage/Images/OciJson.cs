using System.Text.Json.Serialization;

namespace RunnerImage.Images;

/// <summary>
/// What names a blob (https://github.com/opencontainers/image-spec/blob/main/descriptor.md).
/// </summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Platform">What a manifest's image runs on; null if that is not said.</param>
/// <param name="Annotations">What else is said of it; null if nothing is.</param>
internal sealed record OciDescriptor(
    string MediaType, string Digest, long Size, OciPlatform? Platform = null,
    IReadOnlyDictionary<string, string>? Annotations = null)
{
    /// <summary>Whether it names other blobs: an index or a manifest.</summary>
    [JsonIgnore]
    public bool IsIndex => MediaType is MediaTypes.Index or MediaTypes.DockerList;

    /// <summary>Whether it is the manifest of one image.</summary>
    [JsonIgnore]
    public bool IsManifest => MediaType is MediaTypes.Manifest or MediaTypes.DockerManifest;

    /// <summary>Whether it says something about an image, as a provenance does, and is none itself.</summary>
    [JsonIgnore]
    public bool IsAttestation => Annotations?.ContainsKey("vnd.docker.reference.type") == true
        || Platform is { Os: "unknown" };
}

/// <summary>A platform.</summary>
internal sealed record OciPlatform(string Architecture, string Os, string? Variant = null);

/// <summary>A list of manifests, and the index of a layout.</summary>
internal sealed record OciIndex(int SchemaVersion, string? MediaType, IReadOnlyList<OciDescriptor> Manifests);

/// <summary>An image: its configuration and its layers, the lowest first.</summary>
internal sealed record OciManifest(
    int SchemaVersion, string? MediaType, OciDescriptor Config, IReadOnlyList<OciDescriptor> Layers);

/// <summary>The kinds of blobs.</summary>
internal static class MediaTypes
{
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";
    public const string PackedLayer = Layer + "+gzip";
    public const string ZstandardLayer = Layer + "+zstd";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
}

/// <summary>JSON of OCI layouts, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class OciJson : JsonSerializerContext;
