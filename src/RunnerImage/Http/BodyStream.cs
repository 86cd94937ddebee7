using System.Globalization;

namespace RunnerImage.Http;

/// <summary>The body of a request: as long as its head says, or in chunks that say so each
/// (https://www.rfc-editor.org/rfc/rfc9112#section-7.1).</summary>
/// <param name="begun">What has been read of it with the head.</param>
/// <param name="stream">Where the rest comes from.</param>
/// <param name="chunked">Whether it comes in chunks.</param>
/// <param name="length">Its length otherwise.</param>
internal sealed class BodyStream(ReadOnlyMemory<byte> begun, Stream stream, bool chunked, long length) : Stream
{
    private const int LongestLine = 1024;

    private ReadOnlyMemory<byte> ready = begun;
    private long left = chunked ? 0 : length;
    private bool first = true;
    private bool over;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (left == 0 && chunked && !over)
            NextChunk();
        if (left == 0 || buffer.Length == 0)
            return 0;
        var read = ReadRaw(buffer[..(int)Math.Min(left, buffer.Length)]);
        if (read == 0)
            throw new IOException("the request ends before its body does");
        left -= read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void NextChunk()
    {
        if (!first)
            _ = Line();
        first = false;
        if (!long.TryParse(Line().Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out left) || left < 0)
            throw new IOException("the request's body is not in chunks, as it should be");
        over = left == 0;
    }

    private string Line()
    {
        var line = new List<char>();
        Span<byte> one = stackalloc byte[1];
        while (line.Count < LongestLine && ReadRaw(one) == 1)
            if (one[0] == '\n')
                return new string([.. line]).TrimEnd('\r');
            else
                line.Add((char)one[0]);
        throw new IOException("the request ends before its body does");
    }

    private int ReadRaw(Span<byte> buffer)
    {
        if (ready.Length == 0)
            return stream.Read(buffer);
        var read = Math.Min(ready.Length, buffer.Length);
        ready.Span[..read].CopyTo(buffer);
        ready = ready[read..];
        return read;
    }
}
