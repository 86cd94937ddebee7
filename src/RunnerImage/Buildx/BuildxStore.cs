using System.Text.Json;
using RunnerImage.Builders;

namespace RunnerImage.Buildx;

/// <summary>Where buildx keeps its builders: one JSON file for each, named after it.</summary>
internal sealed record BuildxStore(string Folder)
{
    private const int MaxNameLength = 128;

    public string PathOf(string builder) => Path.Combine(Folder, "instances", Lower(builder));

    /// <summary>
    /// Brings the pod's own builder into the store if it is missing there: a step that sets <c>DOCKER_CONFIG</c> looks
    /// into a folder that the image knows nothing of.
    /// </summary>
    public void Complete(string address, string? tlsFolder)
    {
        if (File.Exists(PathOf(BuilderEntry.Name)))
            return;
        try
        {
            BuilderEntry.Write(Folder, address, TlsFiles.Options(tlsFolder, address));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Buildx then says that there is no such builder, which is the truth.
        }
    }

    /// <summary>
    /// The builder that was chosen last, if it is one of the store; null for Docker's own, and if none was.
    /// </summary>
    public string? Current() =>
        Read(Path.Combine(Folder, "current"), c => c.GetProperty("Name").GetString()) is { Length: > 0 } name
        && EndpointsOf(name) is not null
            ? name
            : null;

    /// <summary>The addresses of a builder's nodes; null if there is no such builder or it cannot be read.</summary>
    public IReadOnlyList<string>? EndpointsOf(string builder) =>
        builder.Length is 0 or > MaxNameLength || builder.AsSpan().ContainsAny('/', '\0')
            ? null
            : Read(PathOf(builder), b => (IReadOnlyList<string>)[.. b.GetProperty("Nodes").EnumerateArray()
                .Select(n => n.GetProperty("Endpoint").GetString() ?? "")]);

    /// <summary>Whether a builder is here, or is ours, and has no files of its own.</summary>
    public bool IsWithoutFiles(string builder) => EndpointsOf(builder) is null
        ? builder == BuilderEntry.Name && !File.Exists(PathOf(builder))
        : Read(PathOf(builder), b => b.GetProperty("Nodes").EnumerateArray()
            .Where(n => n.TryGetProperty(BuilderEntry.Files, out var files) && files.ValueKind == JsonValueKind.Object
                && files.EnumerateObject().Any())
            .Select(_ => "").FirstOrDefault()) is null;

    private static T? Read<T>(string path, Func<JsonElement, T?> select)
        where T : class
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return select(json.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    // Buildx lowers the case of names; an upper-case name therefore means the same builder.
    private static string Lower(string name) => string.Create(name.Length, name, static (span, text) =>
        text.AsSpan().ToLowerInvariant(span));
}
