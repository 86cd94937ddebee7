using System.IO.Compression;
using RunnerImage.Images;
using ZstdSharp;

namespace RunnerImage.Layers;

/// <summary>The tar file that a layer is, unpacked.</summary>
internal static class LayerStream
{
    /// <param name="layer">The blob, at its beginning; it is closed with the result.</param>
    public static Stream Open(FileStream layer) => MediaTypeOf(layer) switch
    {
        MediaTypes.PackedLayer => new GZipStream(layer, CompressionMode.Decompress),
        MediaTypes.ZstandardLayer => new DecompressionStream(layer, leaveOpen: false),
        _ => layer,
    };

    /// <summary>What kind of layer it is, by how it is packed.</summary>
    /// <param name="layer">The blob, at its beginning.</param>
    public static string MediaTypeOf(FileStream layer)
    {
        Span<byte> head = stackalloc byte[4];
        var length = layer.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        layer.Position = 0;
        return head[..length] switch
        {
            [0x1f, 0x8b, ..] => MediaTypes.PackedLayer,
            [0x28, 0xb5, 0x2f, 0xfd] => MediaTypes.ZstandardLayer,
            _ => MediaTypes.Layer,
        };
    }

    /// <summary>Whether an error of a reader means that what it reads is no tar file, or ends too early.</summary>
    public static bool IsDamage(Exception error) => error is InvalidDataException or FormatException
        or EndOfStreamException or ArgumentException or OverflowException or ZstdException;
}
