using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Parses what the API server sends, and what others wrote into the texts of its objects. The only place in
/// <c>Kubernetes</c> where JSON begins.
/// </summary>
internal static class JsonText
{
    /// <summary>
    /// The API server takes objects that nest 10,000 levels deep; a list, and who manages which field, add some. One
    /// such object must not take the list with it.
    /// </summary>
    private static readonly JsonDocumentOptions AsServed = new() { MaxDepth = 25_000 };

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body) => JsonDocument.Parse(body, AsServed);

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlySequence<byte> line) => JsonDocument.Parse(line, AsServed);

    /// <summary>
    /// Reads a text that anybody may have written.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">Characters; a longer one is not looked at.</param>
    /// <returns>The object in it; null if it is none, or beyond what we would have written.</returns>
    public static JsonElement? ParseObject(string text, int longest)
    {
        if (text.Length > longest)
            return null;
        try
        {
            // Cloned, so that it outlives the document.
            using var json = JsonDocument.Parse(text);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root ? root.Clone() : null;
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>A value to change and to send again.</summary>
    /// <exception cref="JsonException">An object in it has two fields of one name.</exception>
    public static JsonObject ParseStrictly(JsonElement element)
    {
        var raw = JsonMarshal.GetRawUtf8Value(element);
        return JsonNode.Parse(raw, null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
    }

    /// <summary>Whether it nests deeper than this; counted without going down.</summary>
    public static bool NestsDeeperThan(this JsonElement element, int levels)
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(element), new() { MaxDepth = 0x10_000 });
        while (reader.Read())
            if (reader.CurrentDepth > levels)
                return true;
        return false;
    }

    /// <summary>Whether an exception means that a text or a value is not what it should be.</summary>
    public static bool IsUnreadable(Exception e) =>
        e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException
            or ArgumentException;
}
