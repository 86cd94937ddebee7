using System.Text.Json;

namespace RunnerScaler.Protocol;

/// <summary>
/// Reads what may be anything: too long, no JSON, of another type and undecodable are all null. Nothing here throws,
/// and one bad value costs no more than itself.
/// </summary>
internal static class TolerantJson
{
    /// <param name="json">The text.</param>
    /// <param name="longest">Bytes; a longer text is not looked at.</param>
    /// <returns>The object that it is; null if it is none.</returns>
    public static JsonElement? Object(ReadOnlyMemory<byte> json, int longest)
    {
        if (json.Length > longest)
            return null;
        try
        {
            // Cloned, so that it outlives the document.
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root ? root.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>The last member of this name, as parsers have it; null if there is none, or if it is null.</returns>
    public static JsonElement? Member(JsonElement element, string name)
    {
        JsonElement? found = null;
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var member in element.EnumerateObject())
                if (Is(member, name))
                    found = member.Value.ValueKind == JsonValueKind.Null ? null : member.Value;
        return found;
    }

    public static string? Text(JsonElement element, string name)
    {
        try
        {
            return Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are no UTF-8.
            return null;
        }
    }

    public static int? Whole(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value)
            ? value
            : null;

    public static long? Long(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
            ? value
            : null;

    /// <returns>A number that is one: not without end.</returns>
    public static double? Number(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value)
        && double.IsFinite(value)
            ? value
            : null;

    /// <returns>True or false; null for anything else.</returns>
    public static bool? Flag(JsonElement element, string name) => Member(element, name)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <returns>The elements of a list; none if it is no list.</returns>
    public static IEnumerable<JsonElement> Each(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static bool Is(JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            // The name is half of a surrogate pair.
            return false;
        }
    }
}
