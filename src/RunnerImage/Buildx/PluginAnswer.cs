using System.Globalization;
using System.Text;
using RunnerImage.Images;
using RunnerImage.Posix;

namespace RunnerImage.Buildx;

/// <summary>
/// What buildx says of itself as a plugin. Docker's CLI asks before each of its commands, twice before a build, and
/// buildx needs longer to start than for most of what it does: its answer is kept while the program stays the same.
/// </summary>
/// <param name="real">The program.</param>
/// <param name="folder">Where the answer is kept.</param>
internal sealed class PluginAnswer(string real, string folder)
{
    private const string Question = "docker-cli-plugin-metadata";
    private const int Largest = 64 << 10;

    public static bool IsAsked(IReadOnlyList<string> arguments) => arguments is [Question];

    /// <summary>Prints the answer.</summary>
    /// <returns>Whether there is one; if not, the program itself says why.</returns>
    public bool Print(TextWriter output)
    {
        try
        {
            var kept = Path.Combine(folder, $"plugin-{Key()}.json");
            if (!File.Exists(kept) && !Ask(kept))
                return false;
            output.Write(File.ReadAllText(kept));
            output.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool Ask(string kept)
    {
        var fresh = $"{kept}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.new";
        var end = new Child().Run(
            Environment.ProcessPath!, ChildLauncher.Arguments([], real, [Question], fresh));
        var answered = end is (0, 0) && new FileInfo(fresh) is { Length: > 0 and <= Largest };
        if (answered)
            File.Move(fresh, kept, overwrite: true);
        else
            File.Delete(fresh);
        return answered;
    }

    /// <summary>The same for the same program: a job may bring another at any time.</summary>
    private string Key()
    {
        var file = new FileInfo(Programs.Resolve(real) ?? real);
        return Digest.WithoutPrefix(Digest.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}"))));
    }
}
