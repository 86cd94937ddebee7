using System.Buffers;
using System.Security.Cryptography;

namespace RunnerImage.Images;

/// <summary>The name of a blob by its content, <c>sha256:</c> and 64 hexadecimal digits.</summary>
internal static class Digest
{
    public const string Prefix = "sha256:";

    private const int HexLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static bool IsValid(string text) =>
        text.Length == Prefix.Length + HexLength && text.StartsWith(Prefix, StringComparison.Ordinal)
        && IsHex(text.AsSpan(Prefix.Length));

    /// <summary>The name of a content.</summary>
    public static string Of(ReadOnlySpan<byte> content) => Prefix + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The name of the content that a hash has been made of.</summary>
    public static string Of(IncrementalHash hash) => Prefix + Convert.ToHexStringLower(hash.GetHashAndReset());

    public static string WithoutPrefix(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);
}
