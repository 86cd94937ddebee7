using System.Globalization;
using System.Text;
using RunnerScaler.Protocol;

namespace RunnerImage.Claims;

/// <summary>Reads answers as HTTP/1.1 has them.</summary>
internal static class HttpAnswer
{
    private const int LargestHead = 16 * 1024;

    /// <summary>Reads one answer; informational ones before it are skipped.</summary>
    /// <exception cref="FormatException">It is no HTTP answer, it ends too early, or it is too long.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<ClaimReply> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var input = new AnswerInput(stream, cancel);
        while (true)
        {
            var budget = LargestHead;
            var status = StatusOf(await input.LineAsync(budget));
            int? length = null, retryAfter = null;
            var chunked = false;
            for (var line = await input.LineAsync(budget); line.Length > 0; line = await input.LineAsync(budget))
            {
                budget -= line.Length;
                var (name, value) = HeaderOf(line);
                if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                    length = LengthOf(value, NumberStyles.None);
                else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
                    chunked = value.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                        ? true
                        : throw new FormatException("an encoding that was not asked for");
                else if (name.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)
                    && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                    retryAfter = seconds;
            }

            if (status < 200)
                continue;
            var body = status is 204 or 304 ? []
                : chunked ? await ChunksAsync(input)
                : length is { } known ? await input.BytesAsync(known)
                : await input.RestAsync(ClaimProtocol.LargestBody);
            return new ClaimReply(status, retryAfter, body);
        }
    }

    private static int StatusOf(string line) =>
        line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Length >= 12 && line[8] == ' '
        && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
        && status is >= 100 and <= 599 && (line.Length == 12 || line[12] == ' ')
            ? status
            : throw new FormatException("no HTTP answer");

    private static (string Name, string Value) HeaderOf(string line) =>
        line.IndexOf(':') is > 0 and var colon
            ? (line[..colon], line[(colon + 1)..].Trim())
            : throw new FormatException("a header without a colon");

    private static int LengthOf(string text, NumberStyles style) =>
        int.TryParse(text, style, CultureInfo.InvariantCulture, out var length)
        && length is >= 0 and <= ClaimProtocol.LargestBody
            ? length
            : throw new FormatException("a length that is none, or too large");

    private static async Task<byte[]> ChunksAsync(AnswerInput input)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = await input.LineAsync(LargestHead);
            var length = LengthOf(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier);
            if (length == 0)
                return body.ToArray();
            if (body.Length + length > ClaimProtocol.LargestBody)
                throw new FormatException("too long an answer");
            body.Write(await input.BytesAsync(length));
            if (await input.LineAsync(2) is not "")
                throw new FormatException("a piece that does not end where it should");
        }
    }

    /// <summary>A stream read by lines and by counts, within bounds.</summary>
    private sealed class AnswerInput(Stream stream, CancellationToken cancel)
    {
        private readonly byte[] buffer = new byte[4096];
        private int start;
        private int end;

        /// <summary>Reads up to the next line feed, which is left out, as is a carriage return before it.</summary>
        public async ValueTask<string> LineAsync(int most)
        {
            var line = new StringBuilder();
            while (await NextAsync() is var next and not (byte)'\n')
            {
                if (line.Length >= most)
                    throw new FormatException("too long a line");
                line.Append((char)next);
            }

            return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
        }

        public async ValueTask<byte[]> BytesAsync(int count)
        {
            var bytes = new byte[count];
            for (var i = 0; i < count; i++)
                bytes[i] = await NextAsync();
            return bytes;
        }

        public async ValueTask<byte[]> RestAsync(int most)
        {
            using var bytes = new MemoryStream();
            while (start < end || await FillAsync())
            {
                bytes.Write(buffer, start, end - start);
                start = end;
                if (bytes.Length > most)
                    throw new FormatException("too long an answer");
            }

            return bytes.ToArray();
        }

        private async ValueTask<byte> NextAsync() =>
            start < end || await FillAsync()
                ? buffer[start++]
                : throw new FormatException("an answer that ends too early");

        private async ValueTask<bool> FillAsync()
        {
            (start, end) = (0, await stream.ReadAsync(buffer, cancel));
            return end > 0;
        }
    }
}
