using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Small pieces that all bodies are made of.</summary>
internal static class JsonWriting
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>A time as GitHub writes it: UTC, whole seconds.</summary>
    public static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
        else
            json.WriteNull(name);
    }

    /// <summary>An opaque id of the kind GraphQL uses.</summary>
    public static void WriteNodeId(this Utf8JsonWriter json, string kind, long id) =>
        json.WriteString("node_id", $"{kind}_{Convert.ToBase64String(Encoding.ASCII.GetBytes($"{id}"))}");

    public static void WriteArray<T>(this Utf8JsonWriter json, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray();
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    public static void WriteArray<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WritePropertyName(name);
        json.WriteArray(items, write);
    }

    public static void WriteMap(
        this Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map) json.WriteString(key, value);
        json.WriteEndObject();
    }
}
