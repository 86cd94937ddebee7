using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>
/// What a scalar of YAML means, and how a text is written so that it means itself, to readers of YAML 1.1, as
/// Kubernetes' are, and of 1.2.
/// </summary>
internal static partial class YamlScalar
{
    private static readonly string[] Words =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

    /// <summary>A text, a number, a boolean or null.</summary>
    public static JsonNode? ValueOf(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || !scalar.Tag.IsEmpty)
            return text;
        return text.ToLowerInvariant() switch
        {
            "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            _ when Number().IsMatch(text) => NumberOf(text),
            _ => text,
        };
    }

    /// <summary>The text as a scalar, in quotation marks where it needs them.</summary>
    public static string Write(string text) =>
        Plain().IsMatch(text) && !LikeNumber().IsMatch(text)
            && !Words.Contains(text, StringComparer.OrdinalIgnoreCase)
                ? text
                : Quoted(text);

    private static JsonValue NumberOf(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
                ? JsonValue.Create(number)
                : JsonValue.Create(text);
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                _ when Rune.IsControl(rune) || IsUnseen(rune) => $"\\U{rune.Value:X8}",
                _ => rune.ToString(),
            });
        return quoted.Append('"').ToString();
    }

    private static bool IsUnseen(Rune rune) => rune.Value is not ' '
        && !Rune.IsLetterOrDigit(rune) && !Rune.IsPunctuation(rune) && !Rune.IsSymbol(rune);

    [GeneratedRegex(@"^[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();

    // Dates, times, octal and hexadecimal numbers, infinities: whatever some reader takes for more than text.
    [GeneratedRegex(@"^[-+.0-9]")]
    private static partial Regex LikeNumber();

    [GeneratedRegex(@"^[A-Za-z/_.]([A-Za-z0-9/_.@=+:-]*[A-Za-z0-9/_.@=+-])?\z")]
    private static partial Regex Plain();
}
