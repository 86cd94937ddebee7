namespace RunnerImage.Images;

/// <summary>
/// A lock that one process holds at a time (<c>flock</c>), and that ends with the process, however that ends.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly FileStream file;

    private FileLock(FileStream file) => this.file = file;

    /// <summary>Waits until it is free.</summary>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder is not there.</exception>
    public static FileLock Wait(string path)
    {
        while (true)
            if (TryTake(path) is { } taken)
                return taken;
            else
                Thread.Sleep(Pause);
    }

    /// <returns>Null if somebody else holds it.</returns>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder is not there.</exception>
    public static FileLock? TryTake(string path)
    {
        try
        {
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}
