using System.Globalization;

namespace RunnerImage.Runner;

/// <summary>
/// The process that the listener starts for its job: it is there some seconds before the job-started hook runs.
/// </summary>
internal static class WorkerProcess
{
    private const string Name = "Runner.Worker";

    /// <summary>Whether a listener has one.</summary>
    public static bool IsRunning(int listener)
    {
        var parent = listener.ToString(CultureInfo.InvariantCulture);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (char.IsAsciiDigit(folder[^1]) && IsWorkerOf(folder, parent))
                return true;
        return false;
    }

    /// <summary>By <c>/proc/PID/stat</c>: "PID (NAME) STATE PARENT …".</summary>
    private static bool IsWorkerOf(string folder, string parent)
    {
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            return stat.Contains($"({Name})", StringComparison.Ordinal)
                && stat[(stat.LastIndexOf(')') + 1)..].Split(' ') is [_, _, var found, ..] && found == parent;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return false;
        }
    }
}
