using System.Diagnostics;
using System.Globalization;

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
    /// <returns>Null if the daemon does not know.</returns>
    public static async Task<BuildSteps?> AskAsync(
        string buildx, IEnumerable<string> prefix, string reference, CancellationToken cancel)
    {
        if (reference.Split('/') is not [var builder, _, var id])
            return null;
        using var process = new Process
        {
            StartInfo = new(buildx, [.. prefix, "history", "inspect", "--builder", builder, "--format", Format, id])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        try
        {
            process.StandardInput.Close();
            var ignored = process.StandardError.ReadToEndAsync(cancel);
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await ignored;
            await process.WaitForExitAsync(cancel);
            return process.ExitCode == 0 ? Parse(output) : null;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
