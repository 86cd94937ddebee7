using System.Formats.Tar;

namespace RunnerImage.Layers;

/// <summary>Files of an image as entries of an archive.</summary>
internal static class FileEntry
{
    /// <summary>No header has room for a larger number; who reads the archive rarely keeps owners.</summary>
    private const int LargestOwner = 0x1FFFFF;

    public static PaxTarEntry Of(string name, ImageFile file)
    {
        var entry = Entry(file.Kind, name, file);
        if (file.IsSymbolicLink)
            entry.LinkName = file.Target;
        if (file.Kind is TarEntryType.BlockDevice or TarEntryType.CharacterDevice)
            (entry.DeviceMajor, entry.DeviceMinor) = file.Device;
        return entry;
    }

    /// <summary>A hard link to a file that is in the archive already.</summary>
    public static PaxTarEntry Link(string name, ImageFile file, string target)
    {
        var entry = Entry(TarEntryType.HardLink, name, file);
        entry.LinkName = target;
        return entry;
    }

    private static PaxTarEntry Entry(TarEntryType kind, string name, ImageFile file) => new(kind, name)
    {
        Mode = file.Mode,
        ModificationTime = file.Changed,
        Uid = Math.Clamp(file.Owner, 0, LargestOwner),
        Gid = Math.Clamp(file.Group, 0, LargestOwner),
    };
}
