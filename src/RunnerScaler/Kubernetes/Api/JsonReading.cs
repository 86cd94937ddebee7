using System.Globalization;
using System.Text.Json;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Reads what may be missing from the API server's JSON: absent, null, of the wrong type and undecodable are all null.
/// Nothing here throws, whoever wrote the values: one bad value must not cost more than itself.
/// </summary>
internal static class JsonReading
{
    /// <summary>Times beyond these are nobody's clock, and reckoning with them would overflow.</summary>
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static JsonElement? Member(this JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object
                && element.TryGetProperty(name, out var value)
                && value.ValueKind is not JsonValueKind.Null
                    ? value
                    : null;
        }
        catch (InvalidOperationException)
        {
            // The name of another member is half of a surrogate pair: look at each by itself.
            foreach (var (other, value) in ((JsonElement?)element).Fields())
                if (other == name && value.ValueKind is not JsonValueKind.Null)
                    return value;
            return null;
        }
    }

    public static JsonElement? Member(this JsonElement? element, string name) => element?.Member(name);

    public static string? Text(this JsonElement element, string name) => element.Member(name).Text();

    public static string? Text(this JsonElement? element, string name) => element?.Text(name);

    /// <summary>The text that the value is.</summary>
    public static string? Text(this JsonElement? value)
    {
        try
        {
            return value is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are no UTF-8.
            return null;
        }
    }

    public static int? Number(this JsonElement? element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value)
            ? value
            : null;

    /// <summary>A time between 1970 and 2200.</summary>
    public static DateTimeOffset? Time(this JsonElement? element, string name) =>
        DateTimeOffset.TryParse(
            element.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        && time >= Earliest && time < Latest
            ? time
            : null;

    /// <summary>The elements of a list; none if it is no list.</summary>
    public static IEnumerable<JsonElement> Each(this JsonElement? element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The members of an object whose names can be read; none if it is no object.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Fields(this JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.Object } fields)
            yield break;
        foreach (var field in fields.EnumerateObject())
            if (NameOf(field) is { } name)
                yield return (name, field.Value);
    }

    private static string? NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
