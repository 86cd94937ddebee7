using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerImage.Builders;

/// <summary>
/// How the sidecar is, for the hooks and the shim: the file <see cref="FileName"/> in the state folder. It is written
/// in mode <see cref="RunnerScaler.Protocol.BuilderMode.Sidecar"/> only.
/// </summary>
/// <param name="State"><see cref="Waiting"/>, <see cref="Ready"/> or <see cref="Failed"/>.</param>
/// <param name="Address">BuildKit's address, such as <c>unix:///run/buildkit/buildkitd.sock</c>.</param>
/// <param name="Problem">What is wrong and what to do, in one sentence; null unless it failed.</param>
internal sealed record BuilderState(string State, string Address, string? Problem)
{
    public const string FileName = "builder.json";

    public const string Waiting = "Waiting";
    public const string Ready = "Ready";
    public const string Failed = "Failed";

    /// <summary>Leaves it in a state folder; a reader never sees half of it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        File.WriteAllBytes(
            path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, BuilderStateJson.Default.BuilderState));
        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <summary>JSON of the builder's state, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BuilderState))]
internal sealed partial class BuilderStateJson : JsonSerializerContext;
