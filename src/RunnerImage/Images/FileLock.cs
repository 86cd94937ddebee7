namespace RunnerImage.Images;

/// <summary>
/// A lock that one process holds at a time (<c>flock</c>), and that ends with the process, however that ends.
/// </summary>
internal sealed class FileLock : IDisposable
{
    /// <summary>
    /// The <c>errno</c> of <see href="https://man7.org/linux/man-pages/man2/flock.2.html">flock</see> that says that
    /// another one holds it. Whether the file is there tells nothing: its holder may just have removed it.
    /// </summary>
    private const int WouldBlock = 11;

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
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}
