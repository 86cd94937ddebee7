using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerImage.Images;

/// <summary>A container that was created and cannot be started: it stands for the files of an image.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">By what it is found besides.</param>
/// <param name="Image">The image's digest.</param>
/// <param name="Manifest">The digest of the manifest whose files are meant.</param>
internal sealed record CreatedContainer(string Id, string Name, string Image, string Manifest);

/// <summary>The containers of a store, a file each.</summary>
/// <param name="store">The folder of the store.</param>
internal sealed class ContainerList(string store)
{
    private const string Extension = ".json";

    private readonly string folder = Path.Combine(store, "containers");

    public IReadOnlyList<CreatedContainer> All() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*" + Extension).Select(Read).OfType<CreatedContainer>()]
        : [];

    /// <param name="text">Its name, its ID, or the beginning of its ID.</param>
    /// <returns>Null if there is none, or the beginning is that of several.</returns>
    public CreatedContainer? Find(string text)
    {
        var (all, name) = (All(), text.TrimStart('/'));
        if (name.Length == 0)
            return null;
        if (all.FirstOrDefault(c => c.Name == name || c.Id == name) is { } exact)
            return exact;
        var begun = all.Where(c => c.Id.StartsWith(name, StringComparison.Ordinal)).ToList();
        return begun.Count == 1 ? begun[0] : null;
    }

    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Add(CreatedContainer container)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(container);
        File.WriteAllBytes(path + ".new",
            JsonSerializer.SerializeToUtf8Bytes(container, ContainerJson.Default.CreatedContainer));
        File.Move(path + ".new", path);
    }

    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Remove(CreatedContainer container) => File.Delete(PathOf(container));

    private string PathOf(CreatedContainer container) => Path.Combine(folder, container.Id + Extension);

    /// <returns>Null if it has just been removed, or is none.</returns>
    private static CreatedContainer? Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize(File.ReadAllBytes(path), ContainerJson.Default.CreatedContainer);
            // Its ID is the name of its file, which is removed with it.
            return read is { Image: not null, Manifest: not null, Name: not null }
                && read.Id == Path.GetFileNameWithoutExtension(path)
                    ? read
                    : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>JSON of containers, without reflection.</summary>
[JsonSerializable(typeof(CreatedContainer))]
internal sealed partial class ContainerJson : JsonSerializerContext;
