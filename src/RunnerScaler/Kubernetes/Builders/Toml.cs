using System.Globalization;
using System.Text;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>Writes the part of <see href="https://toml.io/en/v1.0.0">TOML 1.0</see> that BuildKit's file needs.</summary>
internal sealed class Toml
{
    private readonly StringBuilder text = new();

    /// <summary>Begins a table; each part of its name is quoted where it has to be.</summary>
    public Toml Table(params string[] name)
    {
        if (text.Length > 0)
            text.Append('\n');
        text.Append('[').AppendJoin('.', name.Select(Key)).Append("]\n");
        return this;
    }

    public Toml Set(string key, string value) => Line(key, Quote(value));

    public Toml Set(string key, bool value) => Line(key, value ? "true" : "false");

    public Toml Set(string key, IEnumerable<string> values) =>
        Line(key, "[" + string.Join(", ", values.Select(Quote)) + "]");

    public override string ToString() => text.ToString();

    /// <summary>A basic string: everything that is not plain is escaped.</summary>
    public static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in value)
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => c.ToString(),
            });
        return quoted.Append('"').ToString();
    }

    private Toml Line(string key, string value)
    {
        text.Append("  ").Append(Key(key)).Append(" = ").Append(value).Append('\n');
        return this;
    }

    private static string Key(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? key : Quote(key);
}
