using System.Text;

namespace RunnerImage.Posix;

/// <summary>
/// The arguments of this process as they were given. Arguments are bytes; those that are no UTF-8 lose theirs when
/// .NET makes text of them, but have to reach the next program whole.
/// </summary>
internal static class RawArguments
{
    private const string CommandLine = "/proc/self/cmdline";
    private const char Lost = '\uFFFD';

    /// <summary>The bytes of each argument, with those that were lost taken from what this process was given.</summary>
    /// <param name="arguments">The arguments of the next program.</param>
    public static IReadOnlyList<byte[]> Restore(IReadOnlyList<string> arguments) =>
        arguments.Any(a => a.Contains(Lost, StringComparison.Ordinal))
            ? Restore(arguments, ReadOwn())
            : [.. arguments.Select(Encoding.UTF8.GetBytes)];

    /// <param name="arguments">The arguments of the next program.</param>
    /// <param name="given">What this process was given: arguments that each end with a null byte.</param>
    public static IReadOnlyList<byte[]> Restore(IReadOnlyList<string> arguments, ReadOnlySpan<byte> given)
    {
        var originals = new List<byte[]>();
        for (var rest = given; rest.IndexOf((byte)0) is >= 0 and var end; rest = rest[(end + 1)..])
            originals.Add(rest[..end].ToArray());
        var damaged = originals
            .Select(bytes => (Text: Encoding.UTF8.GetString(bytes), Bytes: bytes))
            .Where(o => o.Text.Contains(Lost, StringComparison.Ordinal))
            .GroupBy(o => o.Text, o => o.Bytes, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => new Queue<byte[]>(g), StringComparer.Ordinal);
        return [.. arguments.Select(a =>
            damaged.TryGetValue(a, out var same) && same.TryDequeue(out var bytes)
                ? bytes
                : Encoding.UTF8.GetBytes(a))];
    }

    private static byte[] ReadOwn()
    {
        try
        {
            return File.ReadAllBytes(CommandLine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
