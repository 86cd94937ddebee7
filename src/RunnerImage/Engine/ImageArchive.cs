using System.Formats.Tar;
using System.Text.Json;
using RunnerImage.Images;
using RunnerImage.Layers;

namespace RunnerImage.Engine;

/// <summary>
/// Images as one file: an OCI layout in a tar, with the list that older programs look for, as docker writes it since
/// version 25 (https://github.com/moby/docker-image-spec).
/// </summary>
internal static class ImageArchive
{
    private const string BlobFolder = "blobs/sha256/";
    private const int LargestIndex = 4 << 20;
    private const int MostEntries = 100_000;

    /// <summary>Writes images.</summary>
    /// <param name="layout">Where their blobs are.</param>
    /// <param name="images">The images, each under the names that are to be in the file.</param>
    /// <param name="output">The file.</param>
    /// <exception cref="IOException">Nobody reads it any more.</exception>
    public static void Write(Layout layout, IReadOnlyList<StoredImage> images, Stream output)
    {
        using var tar = new TarWriter(output, TarEntryFormat.Ustar, leaveOpen: true);
        foreach (var digest in images.SelectMany(i => layout.Reachable(i.Root)).Select(b => b.Digest).Distinct())
            using (var blob = File.OpenRead(layout.PathOf(digest)))
                Add(tar, BlobFolder + Digest.WithoutPrefix(digest), blob);
        Add(tar, Layout.VersionFile, System.Text.Encoding.UTF8.GetBytes(Layout.Version));
        Add(tar, Layout.IndexFile, JsonSerializer.SerializeToUtf8Bytes(
            new OciIndex(2, MediaTypes.Index, [.. images.Select(i => i.ToEntry())]), OciJson.Default.OciIndex));
        Add(tar, OldArchive.ListFile, JsonSerializer.SerializeToUtf8Bytes(
            [.. images.GroupBy(i => i.Id).Select(g => ListItem(layout, [.. g])).OfType<ArchivedImage>()],
            EngineJson.Default.IReadOnlyListArchivedImage));
    }

    /// <summary>Reads images into a layout: only blobs that are what their names say, and the index.</summary>
    /// <param name="input">The file, at its beginning; it may be packed by gzip or zstd.</param>
    /// <param name="layout">Where the blobs go.</param>
    /// <param name="room">What they have to fit in.</param>
    /// <returns>The entries of its index.</returns>
    /// <exception cref="EngineException">It is no such file, or there is no room for it.</exception>
    /// <exception cref="IOException">The layout cannot be written.</exception>
    public static IReadOnlyList<OciDescriptor> Read(FileStream input, Layout layout, StoreRoom room)
    {
        try
        {
            using var tar = new TarReader(LayerStream.Open(input), leaveOpen: true);
            IReadOnlyList<OciDescriptor>? index = null;
            for (var count = 0; tar.GetNextEntry() is { } entry; count++)
                if (count == MostEntries)
                    throw NoArchive($"it has more than {MostEntries} entries");
                else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                    index = Take(entry, layout, room) ?? index;
            return index is { Count: > 0 }
                ? index
                : OldArchive.Read(input, layout, room) is { Count: > 0 } old
                    ? old
                    : throw NoArchive("it has neither an index.json nor a manifest.json with images");
        }
        catch (Exception e) when (LayerStream.IsDamage(e) || e is JsonException)
        {
            throw NoArchive("it is no tar file, or ends too early");
        }
        catch (BrokenImageException e)
        {
            throw NoArchive(e.Message);
        }
    }

    private static EngineException NoArchive(string why) => new(EngineException.Invalid,
        $"the file cannot be loaded: {why}. Archives of docker save, of docker build --output type=docker and "
        + "type=oci, and of skopeo can be");

    /// <returns>The index, if this was it.</returns>
    private static IReadOnlyList<OciDescriptor>? Take(TarEntry entry, Layout layout, StoreRoom room)
    {
        var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        // An empty file has no stream.
        var data = entry.DataStream ?? Stream.Null;
        if (name == Layout.IndexFile)
            return entry.Length > LargestIndex
                ? throw NoArchive("its index is too large")
                : JsonSerializer.Deserialize(data, OciJson.Default.OciIndex)?.Manifests ?? [];
        if (name.StartsWith(BlobFolder, StringComparison.Ordinal)
            && Digest.Prefix + name[BlobFolder.Length..] is var digest && Digest.IsValid(digest) && !layout.Has(digest))
        {
            room.Take(entry.Length);
            layout.Add(digest, data);
        }

        return null;
    }

    private static ArchivedImage? ListItem(Layout layout, IReadOnlyList<StoredImage> entries) =>
        new ImageView(layout).MainManifest(entries[0].Root) is { } main
            && layout.ReadManifest(main.Digest) is var manifest
            ? new(Path(manifest.Config), [.. entries.Select(e => e.Name?.Familiar).OfType<string>()],
                [.. manifest.Layers.Select(Path)])
            : null;

    private static string Path(OciDescriptor blob) => BlobFolder + Digest.WithoutPrefix(blob.Digest);

    private static void Add(TarWriter tar, string name, byte[] content) => Add(tar, name, new MemoryStream(content));

    private static void Add(TarWriter tar, string name, Stream content) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content });
}
