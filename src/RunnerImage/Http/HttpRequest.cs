using System.Globalization;
using System.Text;

namespace RunnerImage.Http;

/// <summary>A request of a program of this pod.</summary>
/// <param name="Method">Such as <c>GET</c>.</param>
/// <param name="Path">The path, decoded.</param>
/// <param name="Query">The values after the path, by name.</param>
/// <param name="Headers">What the head says, by name in any letters.</param>
/// <param name="Body">What follows the head, ready to be read.</param>
internal sealed record HttpRequest(
    string Method, string Path, ILookup<string, string> Query, ILookup<string, string> Headers, Stream Body)
{
    private const int LargestHead = 64 * 1024;

    /// <summary>The first value of a name; empty if there is none.</summary>
    public string Value(string name) => Query[name].FirstOrDefault() ?? "";

    /// <summary>The first value of a header; empty if there is none.</summary>
    public string Header(string name) => Headers[name].FirstOrDefault() ?? "";

    /// <summary>Reads the head of a request.</summary>
    /// <returns>Null if it is none, or is too large.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public static async Task<HttpRequest?> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var (head, length, end) = (new byte[LargestHead], 0, -1);
        while (end < 0 && length < head.Length)
        {
            var read = await stream.ReadAsync(head.AsMemory(length), cancel);
            if (read == 0)
                return null;
            length += read;
            end = head.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }

        return end < 0
            ? null
            : Parse(Encoding.ASCII.GetString(head, 0, end), head.AsMemory((end + 4)..length), stream);
    }

    private static HttpRequest? Parse(string head, ReadOnlyMemory<byte> begun, Stream stream)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, ['/', ..] target, _])
            return null;
        var headers = lines.Skip(1).Select(l => l.Split(':', 2)).Where(p => p.Length == 2)
            .ToLookup(p => p[0].Trim(), p => p[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var parts = target.Split('?', 2);
        var query = (parts.Length > 1 ? parts[1] : "").Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2))
            .ToLookup(p => Decoded(p[0]), p => p.Length > 1 ? Decoded(p[1]) : "", StringComparer.Ordinal);
        var chunked = headers["Transfer-Encoding"].Contains("chunked", StringComparer.OrdinalIgnoreCase);
        _ = long.TryParse(
            headers["Content-Length"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var size);
        return new(
            method, Uri.UnescapeDataString(parts[0]), query, headers, new BodyStream(begun, stream, chunked, size));
    }

    private static string Decoded(string text) =>
        Uri.UnescapeDataString(text.Replace('+', ' '));
}
