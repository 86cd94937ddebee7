using System.Globalization;
using System.Text;

namespace RunnerScaler.Scaling.Pools;

/// <summary>
/// Shows text that somebody else wrote in a message of ours: on one line, of bounded length, and with nothing in it
/// that a terminal or a log would obey.
/// </summary>
internal static class Quoting
{
    private const int Longest = 100;

    /// <summary>The text between quotation marks.</summary>
    /// <param name="text">The text; null is shown as nothing.</param>
    /// <param name="longest">How many of its characters are shown.</param>
    public static string Quote(this string? text, int longest = Longest) => $"'{(text ?? "").Shown(longest)}'";

    /// <summary>The text without quotation marks.</summary>
    public static string Shown(this string text, int longest = Longest)
    {
        var shown = new StringBuilder();
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count++ == longest)
                return shown.Append('…').ToString();
            if (IsPlain(rune))
                shown.Append(rune);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }
        return shown.ToString();
    }

    private static bool IsPlain(Rune rune) =>
        (rune.Value == ' ' || Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune))
        && rune != Rune.ReplacementChar;
}
