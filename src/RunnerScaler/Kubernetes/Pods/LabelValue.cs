using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// The values that labels may have
/// (<see href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set">syntax</see>).
/// </summary>
internal static class LabelValue
{
    private const int Longest = 63;
    private const int Digest = 8;

    /// <summary>
    /// The text if it is such a value; else what of it can be in one, and a digest of the whole, so that two texts
    /// stay two values.
    /// </summary>
    public static string Fit(string text)
    {
        if (text.Length is > 0 and <= Longest && text.All(IsAllowed) && IsEnd(text[0]) && IsEnd(text[^1]))
            return text;
        var kept = new StringBuilder(Longest);
        foreach (var c in text.Take(Longest - Digest - 1))
            kept.Append(IsAllowed(c) ? c : '-');
        var name = kept.ToString().Trim('-', '.', '_');
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digest];
        return name.Length == 0 ? digest : $"{name}-{digest}";
    }

    private static bool IsAllowed(char c) => IsEnd(c) || c is '-' or '.' or '_';

    private static bool IsEnd(char c) => char.IsAsciiLetterOrDigit(c);
}
