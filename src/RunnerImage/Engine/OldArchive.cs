using System.Formats.Tar;
using System.Text.Json;
using RunnerImage.Images;
using RunnerImage.Layers;

namespace RunnerImage.Engine;

/// <summary>
/// Archives without an OCI layout, as docker wrote them before version 25 and as other programs still do: a list, and
/// for each image its configuration and its layers as files of any names.
/// </summary>
internal static class OldArchive
{
    /// <summary>The list of the images.</summary>
    public const string ListFile = "manifest.json";

    private const int MostLinks = 10_000;

    /// <param name="input">The file.</param>
    /// <param name="layout">Where the blobs go.</param>
    /// <param name="room">What they have to fit in.</param>
    /// <returns>The entries of an index with its images; none if it is no such file.</returns>
    /// <exception cref="BrokenImageException">What the list names is not there.</exception>
    /// <exception cref="EngineException">There is no room for them.</exception>
    public static IReadOnlyList<OciDescriptor> Read(FileStream input, Layout layout, StoreRoom room)
    {
        IReadOnlyList<ArchivedImage>? list = null;
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        Each(input, (name, entry) =>
        {
            if (name == ListFile && entry.Length <= Layout.LargestManifest && entry.DataStream is { } data)
                list = JsonSerializer.Deserialize(data, EngineJson.Default.IReadOnlyListArchivedImage);
            else if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink && links.Count < MostLinks)
                links[name] = entry.EntryType == TarEntryType.HardLink
                    ? Plain(entry.LinkName)
                    : Plain(Path.Combine(Path.GetDirectoryName(name) ?? "", entry.LinkName));
        });
        if (list is not { Count: > 0 })
            return [];
        // Docker wrote a layer that several images share once, and links in the other places.
        string Named(string? name) => links.GetValueOrDefault(Plain(name ?? ""), Plain(name ?? ""));
        var (configs, layers) = (
            list.Select(i => Named(i?.Config)).ToHashSet(StringComparer.Ordinal),
            list.SelectMany(i => i?.Layers ?? []).Select(Named).ToHashSet(StringComparer.Ordinal));
        var found = new Dictionary<string, OciDescriptor>(StringComparer.Ordinal);
        Each(input, (name, entry) =>
        {
            if (configs.Contains(name) && entry.Length <= Layout.LargestManifest)
                found[name] = Take(MediaTypes.Config, entry, layout, room);
            else if (layers.Contains(name))
                found[name] = Take(MediaTypes.Layer, entry, layout, room);
        });
        OciDescriptor Found(string? name) => found.TryGetValue(Named(name), out var blob)
            ? blob
            : throw new BrokenImageException($"its {ListFile} names a file that it does not have");
        return [.. list.OfType<ArchivedImage>().SelectMany(image => Entries(image, layout.Add(MediaTypes.Manifest,
            JsonSerializer.SerializeToUtf8Bytes(
                new OciManifest(2, MediaTypes.Manifest, Found(image.Config), [.. (image.Layers ?? []).Select(Found)]),
                OciJson.Default.OciManifest))))];
    }

    private static IEnumerable<OciDescriptor> Entries(ArchivedImage image, OciDescriptor root)
    {
        var names = (image.RepoTags ?? []).Select(ImageReference.Parse).OfType<ImageReference>().ToList();
        return names.Count == 0 ? [root] : names.Select(n => new StoredImage(root, n).ToEntry());
    }

    private static OciDescriptor Take(string mediaType, TarEntry entry, Layout layout, StoreRoom room)
    {
        room.Take(entry.Length);
        var path = Path.Combine(layout.Folder, Guid.NewGuid().ToString("N"));
        using (var file = File.Create(path))
            entry.DataStream?.CopyTo(file);
        using (var file = File.OpenRead(path))
            if (mediaType == MediaTypes.Layer)
                mediaType = LayerStream.MediaTypeOf(file);
        return layout.Take(mediaType, path);
    }

    private static void Each(FileStream input, Action<string, TarEntry> see)
    {
        input.Position = 0;
        using var tar = new TarReader(LayerStream.Open(input), leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                or TarEntryType.SymbolicLink or TarEntryType.HardLink)
                see(Plain(entry.Name), entry);
    }

    /// <summary>A name without the parts that say nothing.</summary>
    private static string Plain(string name)
    {
        List<string> parts = [];
        foreach (var part in name.Split('/'))
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        return string.Join('/', parts);
    }
}
