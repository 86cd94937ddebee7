using System.Text;
using System.Text.Json;

namespace RunnerImage.Builders;

/// <summary>
/// The builder that buildx finds under the name <see cref="Name"/>: a file of its store, in the form of buildx 0.9 and
/// later (https://github.com/docker/buildx/blob/master/store/nodegroup.go).
/// </summary>
internal static class BuilderEntry
{
    /// <summary>The builder's name; <c>BUILDX_BUILDER</c> is set to it.</summary>
    public const string Name = "runnerscaler";

    /// <summary>The variable by which buildx is told which builder to use.</summary>
    public const string Variable = "BUILDX_BUILDER";

    /// <summary>The member of a node with its files.</summary>
    public const string Files = "Files";

    private static readonly Dictionary<string, string> NoOptions = [];

    /// <param name="buildxFolder">buildx's folder: see <see cref="DockerFolders.Buildx"/>.</param>
    public static string PathIn(string buildxFolder) => Path.Combine(buildxFolder, "instances", Name);

    /// <summary>Makes the entry say this, unless it does already.</summary>
    /// <param name="buildxFolder">buildx's folder: see <see cref="DockerFolders.Buildx"/>.</param>
    /// <param name="address">BuildKit's address, such as <c>unix:///run/buildkit/buildkitd.sock</c>.</param>
    /// <param name="options">
    /// Options of the remote driver: <c>cacert</c>, <c>cert</c>, <c>key</c>, <c>servername</c>.
    /// </param>
    /// <returns>Whether it had to be written.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static bool Write(string buildxFolder, string address, IReadOnlyDictionary<string, string>? options = null)
    {
        return WriteTo(PathIn(buildxFolder), Content(address, options));
    }

    /// <summary>Makes a file of the store hold this, unless it does already.</summary>
    /// <inheritdoc cref="Write" path="/returns"/>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static bool WriteTo(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var hidden = $"{path}.{Environment.ProcessId}.new";
        File.WriteAllBytes(hidden, content);
        File.Move(hidden, path, overwrite: true);
        return true;
    }

    /// <summary>The file's bytes: the same for the same builder, so that an image can bring it along.</summary>
    public static byte[] Content(string address, IReadOnlyDictionary<string, string>? options = null) =>
        Content(Name, address, options ?? NoOptions, null);

    /// <summary>A builder that is never connected to, and has settings for registries.</summary>
    /// <param name="name">The builder's name.</param>
    /// <param name="settings">A <c>buildkitd.toml</c>.</param>
    public static byte[] ContentOfSettings(string name, string settings) =>
        Content(name, "unix:///nonexistent", NoOptions, settings);

    private static byte[] Content(
        string name, string address, IReadOnlyDictionary<string, string> options, string? settings)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("Name", name);
            json.WriteString("Driver", "remote");
            json.WriteStartArray("Nodes");
            json.WriteStartObject();
            json.WriteString("Name", name + "0");
            json.WriteString("Endpoint", address);
            json.WriteNull("Platforms");
            json.WriteStartObject("DriverOpts");
            foreach (var option in options.OrderBy(o => o.Key, StringComparer.Ordinal))
                json.WriteString(option.Key, option.Value);
            json.WriteEndObject();
            json.WriteNull("Flags");
            WriteFiles(json, settings);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteBoolean("Dynamic", false);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteFiles(Utf8JsonWriter json, string? settings)
    {
        if (settings is null)
        {
            json.WriteNull(Files);
            return;
        }

        json.WriteStartObject(Files);
        json.WriteBase64String("buildkitd.toml", Encoding.UTF8.GetBytes(settings));
        json.WriteEndObject();
    }
}
