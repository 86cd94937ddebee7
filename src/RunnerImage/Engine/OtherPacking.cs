using System.Globalization;
using RunnerImage.Posix;

namespace RunnerImage.Engine;

/// <summary>
/// Files that are packed by what .NET has no reader for: like Docker's daemon, by the programs that there are.
/// </summary>
internal static class OtherPacking
{
    private const int NotFound = 127;
    private const int BlockSize = 512;

    /// <summary>Puts what is in such a file in its place; any other stays as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="room">What is in it has to fit in.</param>
    /// <exception cref="EngineException">It cannot be unpacked.</exception>
    public static void Undo(string path, StoreRoom room)
    {
        if (ProgramFor(path) is not { } program)
            return;
        var unpacked = $"{path}.unpacked";
        var blocks = (room.Left / BlockSize) + 1;
        var end = new Child().Run(Environment.ProcessPath!, ChildLauncher.Arguments([], "/bin/sh",
            ["-c", "ulimit -f \"$2\"; exec \"$0\" -dcq \"$1\"", program, path,
                blocks.ToString(CultureInfo.InvariantCulture)], unpacked));
        if (end is (NotFound, _))
            throw new EngineException(EngineException.Invalid, $"the file is packed by {program}, and this runner's "
                + "image has no such program: add the package that has it, or pack the file by gzip or zstd");
        // A file that has become as long as it may ends the program by a signal.
        if (end is (_, not 0))
            throw room.Full();
        room.Take(new FileInfo(unpacked).Length);
        if (end is not (0, 0))
            throw new EngineException(EngineException.Invalid, $"the file is not what {program} packs, or ends early");
        File.Move(unpacked, path, overwrite: true);
    }

    private static string? ProgramFor(string path)
    {
        Span<byte> head = stackalloc byte[6];
        using var file = File.OpenRead(path);
        return head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)] switch
        {
            [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => "xz",
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] => "bzip2",
            _ => null,
        };
    }
}
