using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using RunnerImage.Images;
using RunnerImage.Layers;
using ZstdSharp;

namespace RunnerImage.Tests.Layers;

/// <summary>An image that is made of entries, layer by layer, and the files that it then has.</summary>
internal sealed class LayeredImage : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<OciDescriptor> layers = [];

    public LayeredImage() => Layout.Create();

    public Layout Layout => new(folder["layout"]);

    /// <summary>Puts a layer on top.</summary>
    /// <param name="packed">Whether gzip packs it.</param>
    /// <param name="entries">As <c>d NAME</c>, <c>f NAME CONTENT</c>, <c>s NAME TARGET</c>, <c>h NAME TARGET</c> or
    /// <c>p NAME</c>.</param>
    public LayeredImage Add(bool packed, params string[] entries)
    {
        if (!packed)
            return AddRaw(Tar(entries));
        using var content = new MemoryStream();
        using (var stream = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(Tar(entries));
        return AddRaw(content.ToArray());
    }

    /// <summary>Puts a layer on top that is packed by zstd.</summary>
    /// <param name="inFrames">Whether each half is a frame of its own, with one to skip between them.</param>
    /// <param name="entries">As for <see cref="Add"/>.</param>
    public LayeredImage AddZstandard(bool inFrames, params string[] entries)
    {
        var content = Tar(entries);
        using var compressor = new Compressor();
        var half = inFrames ? content.Length / 2 : content.Length;
        return AddRaw([.. compressor.Wrap(content.AsSpan(0, half)),
            .. inFrames ? (byte[])[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3] : [],
            .. inFrames ? compressor.Wrap(content.AsSpan(half)) : []]);
    }

    public LayeredImage AddRaw(byte[] content)
    {
        layers.Add(Layout.Add(MediaTypes.Layer, content));
        return this;
    }

    public ImageFiles Open() => new(Layout, new(2, null, new(MediaTypes.Config, "", 0), layers));

    /// <summary>What is under a path, as a program that unpacks the archive would see it: a line for each.</summary>
    public List<string> Files(string path = "/")
    {
        var files = Open();
        using var output = new MemoryStream();
        files.Write(files.Find(path)!.File, path.TrimEnd('/').Split('/')[^1], output);
        output.Position = 0;
        using var tar = new TarReader(output);
        List<string> lines = [];
        while (tar.GetNextEntry() is { } entry)
            lines.Add(entry.EntryType switch
            {
                TarEntryType.Directory => $"d {entry.Name}",
                TarEntryType.SymbolicLink => $"s {entry.Name} {entry.LinkName}",
                TarEntryType.HardLink => $"h {entry.Name} {entry.LinkName}",
                TarEntryType.RegularFile => $"f {entry.Name} {Text(entry.DataStream)}",
                var other => $"{other} {entry.Name}",
            });
        return lines;
    }

    public void Dispose() => folder.Dispose();

    private static byte[] Tar(string[] entries)
    {
        using var content = new MemoryStream();
        using (var tar = new TarWriter(content, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var entry in entries)
                tar.WriteEntry(Entry(entry.Split(' ', 3)));
        return content.ToArray();
    }

    private static string Text(Stream? content) =>
        content is null ? "" : new StreamReader(content, Encoding.UTF8).ReadToEnd();

    private static PaxTarEntry Entry(string[] parts) => parts switch
    {
        ["d", var name] => new(TarEntryType.Directory, name),
        ["f", var name, var text] => new(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
            Mode = (UnixFileMode)0b110_100_100,
        },
        ["s", var name, var target] => new(TarEntryType.SymbolicLink, name) { LinkName = target },
        ["h", var name, var target] => new(TarEntryType.HardLink, name) { LinkName = target },
        ["p", var name] => new(TarEntryType.Fifo, name),
        _ => throw new ArgumentException(parts[0]),
    };
}
