using System.Text.Json;

namespace RunnerImage.Buildx;

/// <summary>Where buildx keeps its builders: one JSON file for each, named after it.</summary>
internal sealed record BuildxStore(string Folder)
{
    private const int MaxNameLength = 128;

    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="dockerConfig">The folder of Docker's configuration.</param>
    public static BuildxStore Of(Func<string, string?> variable, string dockerConfig) => new(
        variable("BUILDX_CONFIG") is { Length: > 0 } folder ? folder : Path.Combine(dockerConfig, "buildx"));

    public string PathOf(string builder) => Path.Combine(Folder, "instances", Lower(builder));

    /// <summary>The addresses of a builder's nodes; null if there is no such builder or it cannot be read.</summary>
    public IReadOnlyList<string>? EndpointsOf(string builder)
    {
        if (builder.Length > MaxNameLength || builder.AsSpan().ContainsAny('/', '\0'))
            return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(PathOf(builder)));
            return [.. json.RootElement.GetProperty("Nodes").EnumerateArray()
                .Select(n => n.GetProperty("Endpoint").GetString() ?? "")];
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
