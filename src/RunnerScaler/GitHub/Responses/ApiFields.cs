using System.Globalization;
using System.Text.Json;

namespace RunnerScaler.GitHub.Responses;

/// <summary>
/// Takes what is wanted out of GitHub's JSON and is not put off by the rest: what is missing, null, or of another kind
/// than expected is null. Never throws.
/// </summary>
internal static class ApiFields
{
    public static JsonElement? Member(this JsonElement entry, string name)
    {
        try
        {
            return entry.ValueKind == JsonValueKind.Object
                && entry.TryGetProperty(name, out var member)
                && member.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
                    ? member
                    : null;
        }
        catch (InvalidOperationException)
        {
            // The name of another member has half of a character in it: GitHub has no such names.
            return null;
        }
    }

    /// <summary>Text that has no half of a character in it.</summary>
    public static string? Text(this JsonElement entry, string name) =>
        entry.Member(name) is { ValueKind: JsonValueKind.String } member ? Text(member) : null;

    /// <summary>The texts among the entries of a list; null if it is no list.</summary>
    public static List<string>? Texts(this JsonElement entry, string name) =>
        entry.Member(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(Text).OfType<string>()]
            : null;

    /// <summary>An id: 64 bits wide, as a number or in a text.</summary>
    public static long? Id(this JsonElement entry, string name) => entry.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var id) => id,
        { ValueKind: JsonValueKind.String } text when long.TryParse(
            Text(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) => id,
        _ => null,
    };

    public static int? Integer(this JsonElement entry, string name) =>
        entry.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value)
            ? value
            : null;

    public static double? Number(this JsonElement entry, string name) =>
        entry.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value)
            ? value
            : null;

    public static bool? Flag(this JsonElement entry, string name) => entry.Member(name)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static DateTimeOffset? Time(this JsonElement entry, string name) =>
        DateTimeOffset.TryParse(
            entry.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static string? Text(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
