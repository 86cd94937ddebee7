namespace RunnerImage.Buildx;

/// <summary>What <c>--output</c> says.</summary>
internal static class BuildOutput
{
    /// <summary>Whether an output goes into Docker: <c>type=docker</c> with no <c>dest</c>.</summary>
    public static bool LoadsIntoDocker(string? output)
    {
        if (output is null || Csv.Fields(output) is not { } fields)
            return false;
        return LoadsIntoDocker(Values(fields, "type").LastOrDefault(), Values(fields, "dest").LastOrDefault());
    }

    public static bool LoadsIntoDocker(string? type, string? destination) =>
        type is "docker" or "moby" && string.IsNullOrEmpty(destination);

    /// <summary>The names that it gives the image, instead of the tags.</summary>
    public static IReadOnlyList<string> Names(string output) => Csv.Fields(output) is { } fields
        ? [.. Values(fields, "name").SelectMany(n => n.Split(',')).Where(n => n.Length > 0)]
        : [];

    /// <summary>The output that writes an image into a layout.</summary>
    /// <param name="folder">The layout's folder.</param>
    public static string Into(string folder) => Csv.Line(["type=oci", "tar=false", $"dest={folder}"]);

    private static IEnumerable<string> Values(IEnumerable<string> fields, string key) =>
        from field in fields
        let assign = field.IndexOf('=', StringComparison.Ordinal)
        where assign > 0 && field[..assign].Trim().Equals(key, StringComparison.OrdinalIgnoreCase)
        select field[(assign + 1)..];
}
