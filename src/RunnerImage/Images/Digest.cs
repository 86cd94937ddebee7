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

    /// <summary>Whether this may be the beginning of a digest, with or without <c>sha256:</c>.</summary>
    public static bool IsBeginning(string text) => WithoutPrefix(text) is { Length: > 0 and <= HexLength } hex
        && IsHex(hex);

    public static string WithoutPrefix(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;

    public static string Of(ReadOnlySpan<byte> content) => OfHash(SHA256.HashData(content));

    public static string OfHash(ReadOnlySpan<byte> hash) => Prefix + Convert.ToHexStringLower(hash);

    private static bool IsHex(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept(HexDigits);
}
