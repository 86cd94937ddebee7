using System.Formats.Tar;

namespace RunnerImage.Layers;

/// <summary>Where the content of a file is.</summary>
/// <param name="Layer">The number of the layer, the lowest first.</param>
/// <param name="Entry">The number of the entry in it.</param>
internal readonly record struct FileContent(int Layer, int Entry);

/// <summary>A file of an image: a directory, a link, a device or a plain file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The number of the layer that it is of.</param>
/// <param name="Mode">Who may do what with it.</param>
/// <param name="Changed">When it was changed.</param>
internal sealed record ImageFile(TarEntryType Kind, int Layer, UnixFileMode Mode, DateTimeOffset Changed)
{
    private const UnixFileMode UsualMode = (UnixFileMode)0b111_101_101;

    private static readonly Dictionary<string, ImageFile> None = [];

    public int Owner { get; init; }

    public int Group { get; init; }

    /// <summary>Where a symbolic link leads.</summary>
    public string Target { get; init; } = "";

    /// <summary>The numbers of a device.</summary>
    public (int Major, int Minor) Device { get; init; }

    /// <summary>The content of a plain file; hard links have the same.</summary>
    public FileContent Content { get; init; }

    /// <summary>The length of a plain file.</summary>
    public long Length { get; init; }

    /// <summary>What is in a directory; nothing is in anything else.</summary>
    public Dictionary<string, ImageFile> Files { get; init; } = None;

    public bool IsDirectory => Kind == TarEntryType.Directory;

    public bool IsSymbolicLink => Kind == TarEntryType.SymbolicLink;

    public bool IsPlain => Kind == TarEntryType.RegularFile;

    /// <summary>A directory that no layer describes.</summary>
    public static ImageFile Directory(int layer) =>
        new(TarEntryType.Directory, layer, UsualMode, DateTimeOffset.UnixEpoch) { Files = [] };

    /// <returns>Null if images have no such file.</returns>
    public static ImageFile? Of(TarEntry entry, int layer, int number)
    {
        var kind = entry.EntryType switch
        {
            TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => TarEntryType.RegularFile,
            var other => other,
        };
        if (kind is not (TarEntryType.RegularFile or TarEntryType.Directory or TarEntryType.SymbolicLink
            or TarEntryType.HardLink or TarEntryType.BlockDevice or TarEntryType.CharacterDevice
            or TarEntryType.Fifo))
            return null;
        return new(kind, layer, entry.Mode, entry.ModificationTime)
        {
            Owner = entry.Uid,
            Group = entry.Gid,
            Target = kind is TarEntryType.SymbolicLink or TarEntryType.HardLink ? entry.LinkName : "",
            Device = entry is PosixTarEntry { EntryType: TarEntryType.BlockDevice or TarEntryType.CharacterDevice } d
                ? (d.DeviceMajor, d.DeviceMinor)
                : default,
            Content = new(layer, number),
            Length = kind == TarEntryType.RegularFile ? entry.Length : 0,
            Files = kind == TarEntryType.Directory ? [] : None,
        };
    }
}
