using System.Globalization;
using RunnerImage.Posix;

namespace RunnerImage.Buildx;

/// <summary>How many steps a build had, and how many came from the cache.</summary>
internal readonly record struct BuildSteps(int Total, int Cached)
{
    /// <summary>How buildx is to print a record: no more than what <see cref="Parse"/> reads.</summary>
    public const string Format = "{{.NumTotalSteps}} {{.NumCachedSteps}}";

    /// <returns>Null if it is something else.</returns>
    public static BuildSteps? Parse(string text) =>
        text.Trim().Split(' ') is [var total, var cached] && Number(total) is { } all && Number(cached) is { } some
        && some <= all
            ? new BuildSteps(all, some)
            : null;

    /// <summary>Asks the daemon for the record of a build.</summary>
    /// <param name="buildx">The real buildx.</param>
    /// <param name="prefix">The arguments before the command's name.</param>
    /// <param name="reference">The build, as <c>builder/node/id</c>.</param>
    /// <param name="scratch">A file to use.</param>
    /// <returns>Null if the daemon does not know.</returns>
    /// <exception cref="IOException">The file cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be used.</exception>
    public static BuildSteps? Ask(
        string buildx, IEnumerable<string> prefix, string reference, string scratch, CancellationToken cancel)
    {
        if (reference.Split('/') is not [var builder, _, var id])
            return null;
        string[] question = [.. prefix, "history", "inspect", "--builder", builder, "--format", Format, id];
        var end = new Child()
            .Run(Environment.ProcessPath!, ChildLauncher.Arguments([], buildx, question, scratch), cancel);
        return end is (0, 0) ? Parse(File.ReadAllText(scratch)) : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
