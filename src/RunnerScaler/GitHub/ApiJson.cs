using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Octokit.Internal;

namespace RunnerScaler.GitHub;

/// <summary>
/// Reads and writes the few fields of GitHub's JSON that matter here. The client library's own models lack some of them
/// (<c>run_attempt</c>, the group of a runner), and its reader builds a dictionary of all that a body holds.
/// </summary>
internal sealed class ApiJson : IJsonSerializer
{
    public string Serialize(object item) => JsonSerializer.Serialize(item, TypeOf(item.GetType()));

    /// <exception cref="JsonException">The text is not JSON, or of another shape.</exception>
    public T Deserialize<T>(string json) => (T)JsonSerializer.Deserialize(json, TypeOf(typeof(T)))!;

    private static JsonTypeInfo TypeOf(Type type) =>
        ApiJsonTypes.Default.GetTypeInfo(type)
        ?? throw new NotSupportedException($"{type} is not in {nameof(ApiJsonTypes)}");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(InstallationData))]
[JsonSerializable(typeof(PlaceData))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenData))]
[JsonSerializable(typeof(JitBody))]
[JsonSerializable(typeof(JitData))]
internal sealed partial class ApiJsonTypes : JsonSerializerContext;
