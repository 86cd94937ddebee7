using RunnerImage.Posix;

namespace RunnerImage;

/// <summary>Programs on this machine.</summary>
internal static class Programs
{
    /// <summary>The exit code of a command that cannot be started, as shells have it.</summary>
    public const int CannotStart = 126;

    /// <summary>Follows all links of a path.</summary>
    /// <returns>The file; null if there is none that may be executed.</returns>
    public static string? Resolve(string path)
    {
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            return File.Exists(target) && Native.MayExecute(target) ? Path.GetFullPath(target) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Becomes another program.</summary>
    /// <returns>Only if that failed: the exit code.</returns>
    public static int Become(string path, IEnumerable<string> arguments, TextWriter error)
    {
        var number = Native.Execute(path, [path, .. arguments]);
        error.WriteLine(Message.Error("start",
            $"{path} cannot be started (error {number}): the runner image is incomplete, or a step has replaced it.")
            .ToLine());
        return CannotStart;
    }
}
