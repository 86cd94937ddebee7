using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>JSON in one spelling, so that equal values have equal hashes whatever the order of their fields.</summary>
internal static class CanonicalJson
{
    private const int HashDigits = 12;

    /// <summary>A short SHA-256 of the value, in lower-case hexadecimal.</summary>
    public static string Hash(JsonNode value)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
            Write(writer, value);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))[..HashDigits];
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject fields:
                writer.WriteStartObject();
                foreach (var (name, inner) in fields.OrderBy(f => f.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, inner);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
