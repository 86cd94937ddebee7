using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>How much may be written on the way into the store: no more than it may have.</summary>
internal sealed class StoreRoom(ImageStore store)
{
    private long left = store.Limit;

    /// <summary>How many bytes there is still room for.</summary>
    public long Left => left;

    /// <exception cref="EngineException">There is no room for so many bytes.</exception>
    public void Take(long bytes)
    {
        left -= bytes;
        if (left < 0)
            throw Full();
    }

    /// <summary>That there is no room any more.</summary>
    public EngineException Full() => new(EngineException.Failed, "This runner's store of images is full: it may take "
        + $"{ByteSize.Text(store.Limit)}, and what comes is larger. A pool can set the limit by the variable "
        + $"{StoreLimit.Variable} of its template's runner.");

    /// <summary>Writes a stream into a file.</summary>
    /// <exception cref="EngineException">There is no room for it.</exception>
    public void Fill(string path, Stream content)
    {
        using var file = File.Create(path);
        var buffer = new byte[1 << 16];
        for (var read = content.Read(buffer); read > 0; read = content.Read(buffer))
        {
            Take(read);
            file.Write(buffer, 0, read);
        }
    }
}
