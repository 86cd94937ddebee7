using RunnerImage.Posix;

namespace RunnerImage.Engine;

/// <summary>Copies images between registries by the image's own buildx, which has the credentials of the job.</summary>
/// <param name="buildx">The program.</param>
/// <param name="variables">Variables (<c>NAME=VALUE</c>) that it needs.</param>
internal sealed class ImageTools(string buildx, IReadOnlyList<string> variables)
{
    private const int LongestReason = 4096;

    /// <summary>Puts an image under a name; what the registry has already is not sent again.</summary>
    /// <param name="source">The image; it stays what it is, an index or a manifest.</param>
    /// <param name="target">The name.</param>
    /// <param name="scratch">A folder to use.</param>
    /// <returns>Why it failed, in buildx's words; null if it did not.</returns>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public string? Copy(string source, string target, string scratch)
    {
        var (output, errors) = (Path.Combine(scratch, "output"), Path.Combine(scratch, "errors"));
        string[] arguments =
            ["imagetools", "create", "--progress=plain", "--prefer-index=false", "--tag", target, source];
        var end = new Child().Run(Environment.ProcessPath!, ChildLauncher.Arguments(variables, "/bin/sh",
            ["-c", "exec \"$@\" 2>\"$0\"", errors, buildx, .. arguments], output));
        return end is (0, 0) ? null : Reason(errors);
    }

    /// <summary>The last line of what buildx says, which is the error.</summary>
    private static string Reason(string file)
    {
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault(l => l.StartsWith("ERROR:", StringComparison.Ordinal)) ?? "buildx could not be run";
        line = string.Concat(line.Replace("ERROR: ", "", StringComparison.Ordinal).Where(c => !char.IsControl(c)));
        return line.Length > LongestReason ? line[..LongestReason] : line;
    }
}
