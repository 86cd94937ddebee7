using System.Text;

namespace RunnerImage.Runner;

/// <summary>
/// The listener's own log, <c>_diag/Runner_*.log</c> in the runner's folder: for what its exit code does not tell.
/// </summary>
internal static class ListenerDiary
{
    /// <summary>
    /// What the listener says when it cannot open its session because the registration is gone; it then ends with the
    /// code of any failure (https://github.com/actions/runner: <c>BrokerMessageListener</c>, <c>MessageListener</c>).
    /// </summary>
    internal const string RegistrationDeleted = "runner registration has been deleted from the server";

    private const string Folder = "_diag";
    private const string Files = "Runner_*.log";

    /// <summary>The words are among the last that it writes.</summary>
    private const int Tail = 64 * 1024;

    /// <summary>
    /// Whether the listener that ended last found its registration deleted. Only to be asked while no job has begun:
    /// a job could write the file itself.
    /// </summary>
    /// <param name="home">The runner's folder.</param>
    /// <returns>False as well if there is no log, or none that can be read.</returns>
    public static bool SaysRegistrationDeleted(string home)
    {
        try
        {
            var newest = new DirectoryInfo(Path.Combine(home, Folder)).EnumerateFiles(Files)
                .MaxBy(f => (f.LastWriteTimeUtc, f.Name));
            return newest is not null && End(newest).Contains(RegistrationDeleted, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string End(FileInfo file)
    {
        using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-Math.Min(Tail, stream.Length), SeekOrigin.End);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
