using System.Formats.Tar;
using RunnerImage.Images;

namespace RunnerImage.Layers;

/// <summary>Reads the files of an image out of its layers; nothing of it runs, and nothing is unpacked.</summary>
internal sealed class ImageFiles
{
    private readonly Layout layout;
    private readonly IReadOnlyList<OciDescriptor> layers;
    private readonly ImageTree tree = new();

    /// <param name="layout">Where the layers are.</param>
    /// <param name="manifest">The image.</param>
    /// <exception cref="BrokenImageException">A layer is missing, or cannot be read.</exception>
    public ImageFiles(Layout layout, OciManifest manifest)
    {
        this.layout = layout;
        layers = manifest.Layers;
        for (var i = 0; i < layers.Count; i++)
        {
            var number = i;
            Read(i, tar => tree.Apply(tar, number));
        }
    }

    /// <inheritdoc cref="ImageTree.Find"/>
    public FoundFile? Find(string path) => tree.Find(path);

    /// <summary>Writes a file, or a directory with all that is in it, as Docker does: first what has no content, then
    /// the contents in the order in which the layers have them.</summary>
    /// <param name="found">The file.</param>
    /// <param name="name">Its name in the archive; empty for what is in a directory, without itself.</param>
    /// <param name="output">The archive.</param>
    /// <exception cref="BrokenImageException">A layer cannot be read.</exception>
    /// <exception cref="IOException">Nobody reads the archive any more.</exception>
    public void Write(ImageFile found, string name, Stream output)
    {
        using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        var contents = new SortedDictionary<int, SortedDictionary<int, List<(string Name, ImageFile File)>>>();
        foreach (var (path, file) in Walk(found, name))
            if (file.IsPlain)
                Of(Of(contents, file.Content.Layer), file.Content.Entry).Add((path, file));
            else
                tar.WriteEntry(FileEntry.Of(path, file));
        foreach (var (layer, wanted) in contents)
            Read(layer, reader => Write(reader, wanted, tar));
    }

    private static void Write(
        TarReader reader, SortedDictionary<int, List<(string Name, ImageFile File)>> wanted, TarWriter tar)
    {
        var left = wanted.Count;
        for (var number = 0; left > 0 && reader.GetNextEntry() is { } entry; number++)
        {
            if (!wanted.TryGetValue(number, out var names))
                continue;
            var first = FileEntry.Of(names[0].Name, names[0].File);
            first.DataStream = entry.DataStream is { } content ? new SizedStream(content, entry.Length) : null;
            tar.WriteEntry(first);
            foreach (var (name, file) in names.Skip(1))
                tar.WriteEntry(FileEntry.Link(name, file, names[0].Name));
            left--;
        }
    }

    private static IEnumerable<(string Path, ImageFile File)> Walk(ImageFile file, string name)
    {
        if (name.Length > 0)
            yield return (file.IsDirectory ? name + '/' : name, file);
        foreach (var (inner, child) in file.Files.OrderBy(f => f.Key, StringComparer.Ordinal))
            foreach (var found in Walk(child, name.Length > 0 ? $"{name}/{inner}" : inner))
                yield return found;
    }

    private void Read(int layer, Action<TarReader> read)
    {
        var digest = layers[layer].Digest;
        if (!layout.Has(digest))
            throw new BrokenImageException($"the layer {digest} is missing");
        try
        {
            using var content = LayerStream.Open(File.OpenRead(layout.PathOf(digest)));
            using var tar = new TarReader(content);
            read(tar);
        }
        catch (Exception e) when (LayerStream.IsDamage(e))
        {
            throw new BrokenImageException($"the layer {digest} is no tar file, or ends too early");
        }
    }

    private static TValue Of<TValue>(SortedDictionary<int, TValue> all, int key) where TValue : new() =>
        all.TryGetValue(key, out var value) ? value : all[key] = new();
}
