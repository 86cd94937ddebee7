using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Octokit.Internal;

namespace RunnerScaler.GitHub.Responses;

/// <summary>
/// Reads and writes JSON for Octokit, without its reader, which builds a dictionary of all that a body holds, and
/// without reflection.
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
[JsonSerializable(typeof(InstallationData))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenData))]
[JsonSerializable(typeof(JitBody))]
internal sealed partial class ApiJsonTypes : JsonSerializerContext;
