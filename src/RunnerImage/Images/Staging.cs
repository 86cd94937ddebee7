using RunnerImage.Posix;

namespace RunnerImage.Images;

/// <summary>
/// Where an image is put together before the store has it, so that nothing half is ever in the store: a layout with the
/// blobs that the store has, which then need not be written again. It is gone when this is disposed of; what a killed
/// process left goes with the next one.
/// </summary>
internal sealed class Staging : IDisposable
{
    private const string Parent = "staging";
    private const string LockFile = "lock";

    private readonly string folder;
    private readonly FileLock held;

    private Staging(string folder, FileLock held)
    {
        this.folder = folder;
        this.held = held;
    }

    /// <summary>The folder of this alone.</summary>
    public string Folder => folder;

    /// <param name="store">The store's layout, which is locked.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static Staging Open(Layout store)
    {
        var parent = Directory.CreateDirectory(Path.Combine(store.Folder, Parent)).FullName;
        RemoveLeft(parent);
        var folder = Path.Combine(parent, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        return new(folder, FileLock.TryTake(Path.Combine(folder, LockFile))
            ?? throw new IOException($"{folder} is used by another process"));
    }

    /// <summary>A layout of its own in the folder, with all blobs of the store.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public Layout Layout(string name, Layout store)
    {
        var layout = new Layout(Path.Combine(folder, name));
        layout.Create();
        foreach (var blob in Directory.EnumerateFiles(store.Blobs))
            LinkIfThere(blob, Path.Combine(layout.Blobs, Path.GetFileName(blob)));
        return layout;
    }

    public void Dispose()
    {
        Remove(folder);
        held.Dispose();
    }

    private static void LinkIfThere(string blob, string name)
    {
        try
        {
            HardLink.Make(blob, name);
        }
        catch (FileNotFoundException)
        {
            // Somebody has just removed the image, or makes it anew; its blob is written again.
        }
    }

    private static void RemoveLeft(string parent)
    {
        foreach (var left in Directory.EnumerateDirectories(parent))
            RemoveIfLeft(left);
    }

    private static void RemoveIfLeft(string folder)
    {
        try
        {
            if (FileLock.TryTake(Path.Combine(folder, LockFile)) is { } taken)
                using (taken)
                    Remove(folder);
        }
        catch (DirectoryNotFoundException)
        {
            // Its process has just removed it.
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next one tries again; what is left only takes room.
        }
    }
}
