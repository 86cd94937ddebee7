using System.Globalization;

namespace RunnerImage.Images;

/// <summary>How large the store of images may become.</summary>
internal static class StoreLimit
{
    /// <summary>The variable with the limit in whole GiB, which a pool's template may set.</summary>
    public const string Variable = "IMAGE_STORE_GIB";

    private const long Gibi = 1L << 30;
    private const long Usual = 20 * Gibi;
    private const int Largest = 1 << 20;

    /// <summary>The limit in bytes: what is set, else 20 GiB, but no more than half of the volume.</summary>
    /// <param name="setting">The variable's value.</param>
    /// <param name="volume">The volume's size in bytes; 0 if it is not known.</param>
    public static long InBytes(string? setting, long volume)
    {
        if (int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var gibi) && gibi <= Largest)
            return gibi * Gibi;
        return volume > 0 ? Math.Min(Usual, volume / 2) : Usual;
    }

    /// <summary>The size of the volume that a folder is on; 0 if that cannot be known.</summary>
    public static long VolumeOf(string folder)
    {
        try
        {
            return new DriveInfo(folder).TotalSize;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0;
        }
    }
}
