using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerImage.Engine;

/// <summary>A line of the list of images (<c>GET /images/json</c>).</summary>
internal sealed record ImageSummary(
    string Id, string ParentId, IReadOnlyList<string> RepoTags, IReadOnlyList<string> RepoDigests, long Created,
    long Size, long SharedSize, IReadOnlyDictionary<string, string> Labels, int Containers);

/// <summary>What is said of one image (<c>GET /images/NAME/json</c>).</summary>
internal sealed record ImageInspect(
    string Id, IReadOnlyList<string> RepoTags, IReadOnlyList<string> RepoDigests, string Comment, string? Created,
    string Author, string? Architecture, string? Variant, string? Os, long Size, RootFs RootFS,
    IReadOnlyDictionary<string, string> Metadata, JsonElement? Config);

/// <summary>The layers of an image.</summary>
internal sealed record RootFs(string Type, IReadOnlyList<string> Layers);

/// <summary>A line of an image's history.</summary>
internal sealed record HistoryItem(
    string Id, long Created, string CreatedBy, IReadOnlyList<string>? Tags, long Size, string Comment);

/// <summary>What a removal did: one of both is said.</summary>
internal sealed record Removal(string? Untagged = null, string? Deleted = null);

/// <summary>What a clean-up did.</summary>
internal sealed record PruneReport(
    IReadOnlyList<Removal>? ImagesDeleted, IReadOnlyList<string>? ContainersDeleted, long SpaceReclaimed);

/// <summary>How the disk is used (<c>GET /system/df</c>).</summary>
internal sealed record DiskUsage(
    long LayersSize, IReadOnlyList<ImageSummary> Images, IReadOnlyList<string> Containers,
    IReadOnlyList<string> Volumes, IReadOnlyList<string> BuildCache);

/// <summary>An image in the list of an archive.</summary>
internal sealed record ArchivedImage(string Config, IReadOnlyList<string> RepoTags, IReadOnlyList<string> Layers);

/// <summary>Why a request failed.</summary>
internal sealed record EngineError([property: JsonPropertyName("message")] string Message);

/// <summary>A line of a push, a pull or a load.</summary>
internal sealed record Progress(
    [property: JsonPropertyName("status")] string? Status = null,
    [property: JsonPropertyName("stream")] string? Stream = null,
    [property: JsonPropertyName("error")] string? Error = null,
    [property: JsonPropertyName("errorDetail")] EngineError? ErrorDetail = null,
    [property: JsonPropertyName("aux")] PushedImage? Aux = null);

/// <summary>An image as a registry has it now.</summary>
internal sealed record PushedImage(string Tag, string Digest, long Size);

/// <summary>A container that was created.</summary>
internal sealed record NewContainer(string Id, IReadOnlyList<string> Warnings);

/// <summary>That a registry knows who logs in.</summary>
internal sealed record LoginReport(string Status);

/// <summary>JSON of Docker's API, without reflection (https://docs.docker.com/reference/api/engine/).</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<ImageSummary>))]
[JsonSerializable(typeof(ImageInspect))]
[JsonSerializable(typeof(IReadOnlyList<HistoryItem>))]
[JsonSerializable(typeof(IReadOnlyList<Removal>))]
[JsonSerializable(typeof(PruneReport))]
[JsonSerializable(typeof(DiskUsage))]
[JsonSerializable(typeof(IReadOnlyList<ArchivedImage>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(NewContainer))]
[JsonSerializable(typeof(FileStat))]
[JsonSerializable(typeof(LoginReport))]
[JsonSerializable(typeof(EngineError))]
[JsonSerializable(typeof(Progress))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, bool>>), TypeInfoPropertyName = "Filters")]
internal sealed partial class EngineJson : JsonSerializerContext;
