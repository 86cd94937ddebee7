using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>Writes JSON as YAML that people read.</summary>
internal static class YamlWriter
{
    private const string Step = "  ";

    /// <summary>The fields of an object, one a line or more; nothing if it has none.</summary>
    public static string Write(JsonObject fields)
    {
        var text = new StringBuilder();
        WriteFields(text, fields, "");
        return text.ToString();
    }

    private static void WriteFields(StringBuilder text, JsonObject fields, string indent)
    {
        foreach (var (name, value) in fields)
        {
            text.Append(indent).Append(YamlScalar.Write(name)).Append(':');
            WriteValue(text, value, indent + Step);
        }
    }

    /// <summary>After a key: on the same line, or on lines of its own.</summary>
    private static void WriteValue(StringBuilder text, JsonNode? value, string indent)
    {
        if (value is JsonObject { Count: > 0 } fields)
            WriteFields(text.Append('\n'), fields, indent);
        else if (value is JsonArray { Count: > 0 } list)
            WriteItems(text.Append('\n'), list, indent);
        else
            text.Append(' ').Append(Scalar(value)).Append('\n');
    }

    private static void WriteItems(StringBuilder text, JsonArray list, string indent)
    {
        foreach (var item in list)
        {
            var start = text.Append(indent).Append("- ").Length;
            if (item is JsonObject { Count: > 0 } fields)
                WriteFields(text, fields, indent + Step);
            else if (item is JsonArray { Count: > 0 } inner)
                WriteItems(text, inner, indent + Step);
            else
                text.Append(Scalar(item)).Append('\n');
            // The first line stands beside the hyphen.
            if (item is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
                text.Remove(start, indent.Length + Step.Length);
        }
    }

    private static string Scalar(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when value.GetValueKind() == JsonValueKind.String => YamlScalar.Write(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };
}
