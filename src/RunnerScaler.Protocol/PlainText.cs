using System.Globalization;
using System.Text;

namespace RunnerScaler.Protocol;

/// <summary>Makes what others wrote fit to be shown: one line, bounded, without what cannot be seen.</summary>
internal static class PlainText
{
    /// <summary>
    /// Control and formatting characters (line breaks, escape sequences, changes of direction) and halves of
    /// characters become spaces, and what is too long is cut, never within a character.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most UTF-16 units of the result, the ellipsis included; at least 1.</param>
    public static string Line(string text, int longest)
    {
        if (text.Length <= longest && text.All(c => c is >= ' ' and <= '~'))
            return text;
        var line = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var rune in text.EnumerateRunes())
        {
            var shown = IsShown(rune) ? rune : new Rune(' ');
            if (line.Length + shown.Utf16SequenceLength > longest)
            {
                while (line.Length >= longest || (line.Length > 0 && char.IsHighSurrogate(line[^1])))
                    line.Length--;
                return line.Append('…').ToString();
            }
            line.Append(shown.ToString());
        }
        return line.ToString();
    }

    // EnumerateRunes gives half a character as the replacement character.
    private static bool IsShown(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);
}
