using System.Text;
using System.Text.Json;

namespace RunnerImage.Engine;

/// <summary>
/// How containers of an image start, by instructions of a Dockerfile (<c>docker import --change</c>).
/// </summary>
internal sealed class ImageChanges
{
    public const string Known = "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR";

    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> commands = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string?>> sets = new(StringComparer.Ordinal);

    /// <param name="instruction">Such as <c>ENV A=b</c>.</param>
    /// <returns>Whether it is one that is known.</returns>
    public bool Apply(string instruction)
    {
        if (Halves(instruction.Trim()) is not [var word, { Length: > 0 } rest])
            return false;
        switch (word.ToUpperInvariant())
        {
            case "CMD":
                commands["Cmd"] = Command(rest);
                return true;
            case "ENTRYPOINT":
                commands["Entrypoint"] = Command(rest);
                return true;
            case "USER":
                texts["User"] = rest;
                return true;
            case "WORKDIR":
                texts["WorkingDir"] = rest;
                return true;
            case "STOPSIGNAL":
                texts["StopSignal"] = rest;
                return true;
            case "ENV":
                return AddPairs("Env", rest);
            case "LABEL":
                return AddPairs("Labels", rest);
            case "EXPOSE":
                return AddKeys("ExposedPorts", Words(rest).Select(p => p.Contains('/') ? p : $"{p}/tcp"));
            case "VOLUME":
                return AddKeys("Volumes", List(rest) ?? Words(rest));
            default:
                return false;
        }
    }

    /// <summary>The configuration's part of that name.</summary>
    public JsonElement ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var (name, text) in texts)
                json.WriteString(name, text);
            foreach (var (name, words) in commands)
                WriteList(json, name, words);
            foreach (var (name, pairs) in sets)
                Write(json, name, pairs);
            json.WriteEndObject();
        }

        using var whole = JsonDocument.Parse(stream.ToArray());
        return whole.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter json, string name, Dictionary<string, string?> pairs)
    {
        if (name == "Env")
        {
            WriteList(json, name, pairs.Select(p => $"{p.Key}={p.Value}"));
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in pairs)
            if (value is not null)
                json.WriteString(key, value);
            else
            {
                json.WriteStartObject(key);
                json.WriteEndObject();
            }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }

    /// <summary><c>A=b C="d e"</c>, or <c>A b</c> for one pair.</summary>
    private bool AddPairs(string set, string text)
    {
        var words = Words(text);
        List<string[]> pairs = words[0].Contains('=')
            ? [.. words.Select(w => w.Split('=', 2))]
            : [Halves(text)];
        if (pairs.Exists(p => p is not [{ Length: > 0 }, _]))
            return false;
        foreach (var pair in pairs)
            Set(set)[pair[0]] = pair[1];
        return true;
    }

    private bool AddKeys(string set, IEnumerable<string> keys)
    {
        foreach (var key in keys)
            Set(set)[key] = null;
        return true;
    }

    private Dictionary<string, string?> Set(string name) =>
        sets.TryGetValue(name, out var set) ? set : sets[name] = new(StringComparer.Ordinal);

    private static string[] Halves(string text) => text.Split((char[]?)null, 2, StringSplitOptions.TrimEntries);

    private static List<string> Command(string text) => List(text) ?? ["/bin/sh", "-c", text];

    private static List<string>? List(string text)
    {
        try
        {
            return text.StartsWith('[') ? JsonSerializer.Deserialize(text, EngineJson.Default.ListString) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Words between spaces; quotes keep them together, and a backslash the next letter as it is.</summary>
    private static List<string> Words(string text)
    {
        List<string> words = [];
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && quote != '\'')
                (word ??= new()).Append(text[++i]);
            else if (c is '"' or '\'' && (quote == '\0' || quote == c))
                (quote, word) = (quote == c ? '\0' : c, word ?? new());
            else if (quote != '\0' || !char.IsWhiteSpace(c))
                (word ??= new()).Append(c);
            else if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }

        return word is null ? words : [.. words, word.ToString()];
    }
}
