using System.IO.Compression;
using RunnerImage.Images;

namespace RunnerImage.Layers;

/// <summary>The tar file that a layer is, unpacked.</summary>
internal static class LayerStream
{
    /// <param name="layer">The blob, at its beginning; it is closed with the result.</param>
    /// <exception cref="BrokenImageException">It is packed by a program that is not known here.</exception>
    public static Stream Open(FileStream layer)
    {
        Span<byte> head = stackalloc byte[4];
        var begin = head[..Head(layer, head)];
        return IsGzip(begin)
            ? new GZipStream(layer, CompressionMode.Decompress)
            : begin.SequenceEqual(Zstandard)
                ? throw new BrokenImageException("its layers are packed by zstd, which cannot be read here. "
                    + "A build can: docker build --output type=local,dest=out - with FROM scratch and COPY --from")
                : layer;
    }

    /// <summary>Whether a layer is packed by gzip.</summary>
    /// <param name="layer">The blob, at its beginning.</param>
    public static bool IsGzip(FileStream layer)
    {
        Span<byte> head = stackalloc byte[2];
        return IsGzip(head[..Head(layer, head)]);
    }

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xb5, 0x2f, 0xfd];

    private static bool IsGzip(ReadOnlySpan<byte> head) => head is [0x1f, 0x8b, ..];

    private static int Head(FileStream layer, Span<byte> head)
    {
        var length = layer.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        layer.Position = 0;
        return length;
    }
}
