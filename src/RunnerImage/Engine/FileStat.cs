using System.Formats.Tar;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using RunnerImage.Layers;

namespace RunnerImage.Engine;

/// <summary>What docker is told of a file that it is to copy
/// (https://docs.docker.com/reference/api/engine/: <c>ContainerArchiveInfo</c>).</summary>
internal sealed record FileStat(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("mode")] uint Mode,
    [property: JsonPropertyName("mtime")] string Changed,
    [property: JsonPropertyName("linkTarget")] string LinkTarget)
{
    // The bits of Go's os.FileMode.
    private const uint Directory = 1u << 31;
    private const uint SymbolicLink = 1u << 27;
    private const uint Device = 1u << 26;
    private const uint NamedPipe = 1u << 25;
    private const uint SetUser = 1u << 23;
    private const uint SetGroup = 1u << 22;
    private const uint CharacterDevice = 1u << 21;
    private const uint Sticky = 1u << 20;
    private const uint Permissions = 0x1FF;

    public static FileStat Of(FoundFile found, ImageFiles files)
    {
        var (path, file) = found;
        return new(
            path.Split('/')[^1] is { Length: > 0 } name ? name : "/", file.Length, ModeOf(file),
            file.Changed.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            file.IsSymbolicLink ? TargetOf(found, files) : "");
    }

    /// <summary>As the header of the answer has it.</summary>
    public string ToHeader() =>
        Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.FileStat));

    /// <summary>The place that a link leads to, also if nothing is there.</summary>
    private static string TargetOf(FoundFile found, ImageFiles files)
    {
        var target = found.File.Target.StartsWith('/')
            ? found.File.Target
            : found.Path[..(found.Path.LastIndexOf('/') + 1)] + found.File.Target;
        return files.Find(target + '/')?.Path ?? target;
    }

    private static uint ModeOf(ImageFile file) =>
        ((uint)file.Mode & Permissions)
        | (file.Mode.HasFlag(UnixFileMode.SetUser) ? SetUser : 0)
        | (file.Mode.HasFlag(UnixFileMode.SetGroup) ? SetGroup : 0)
        | (file.Mode.HasFlag(UnixFileMode.StickyBit) ? Sticky : 0)
        | file.Kind switch
        {
            TarEntryType.Directory => Directory,
            TarEntryType.SymbolicLink => SymbolicLink,
            TarEntryType.BlockDevice => Device,
            TarEntryType.CharacterDevice => Device | CharacterDevice,
            TarEntryType.Fifo => NamedPipe,
            _ => 0,
        };
}
