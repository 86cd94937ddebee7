using System.Globalization;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>
/// A place in a spec. Reading never throws: what is wrong is told to the <see cref="SpecReading"/> and a harmless value
/// is given, so that the rest can be read.
/// </summary>
internal sealed class SpecNode(SpecReading reading, JsonElement? element, string path, string? field)
{
    private const int LongestQuote = 60;

    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public JsonElement? Element => element;

    public bool Exists => element is not null;

    /// <summary>What stands there, shortened.</summary>
    public string Quote()
    {
        var raw = element?.GetRawText() ?? "missing";
        return raw.Length <= LongestQuote ? raw : raw[..LongestQuote] + "…";
    }

    public void Fail(string problem) => reading.Fail(path, problem);

    public SpecNode At(string key)
    {
        known.Add(key);
        if (field is not null)
            reading.Fields.Add($"{field}.{key}");
        return new SpecNode(reading, element.Member(key), $"{path}.{key}", field is null ? null : $"{field}.{key}");
    }

    /// <summary>The same inside what the schema leaves open, where fields are not listed.</summary>
    public SpecNode Inside(string key) => new(reading, element.Member(key), $"{path}.{key}", null);

    /// <summary>Reads an object to its end: fields that were not asked for are noted.</summary>
    public T Object<T>(Func<SpecNode, T> read)
    {
        if (element is { ValueKind: not JsonValueKind.Object })
            Fail($"is {Quote()}: set an object with fields");
        var result = read(this);
        if (element is { ValueKind: JsonValueKind.Object } whole)
            foreach (var property in whole.EnumerateObject())
                if (!known.Contains(property.Name))
                    reading.Unknown.Add($"{path}.{property.Name}");
        return result;
    }

    public IReadOnlyList<SpecNode> Items(int atLeast, int atMost)
    {
        if (element is null && atLeast == 0)
            return [];
        if (element is not { ValueKind: JsonValueKind.Array } list)
        {
            Fail(element is null ? "is missing: set a list" : $"is {Quote()}: set a list");
            return [];
        }
        var items = list.EnumerateArray()
            .Select((item, i) => new SpecNode(
                reading, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"),
                field is null ? null : field + "[]"))
            .ToList();
        if (items.Count < atLeast || items.Count > atMost)
            Fail($"has {items.Count} entries: set {atLeast} to {atMost}");
        return items;
    }

    /// <param name="what">What is wanted, to be read after "set".</param>
    /// <param name="holds">The rule.</param>
    /// <param name="fallback">The value where there is none; null makes it required.</param>
    public string Text(string what, Func<string, bool> holds, string? fallback = null)
    {
        if (element is null)
        {
            if (fallback is null)
                Fail($"is missing: set {what}");
            return fallback ?? "";
        }
        if (element.Text() is { } value && holds(value))
            return value;
        Fail($"is {Quote()}: set {what}");
        return fallback ?? "";
    }

    /// <summary>One of a few words.</summary>
    public string Word(IReadOnlyCollection<string> words, string? fallback = null) =>
        Text(words.Count == 1 ? words.First() : "one of " + string.Join(", ", words), words.Contains, fallback);

    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <param name="fallback">The value where there is none; null makes it required.</param>
    public int Whole(int min, int max, int? fallback = null)
    {
        if (element is null && fallback is { } none)
            return none;
        if (element is { ValueKind: JsonValueKind.Number } number
            && number.TryGetInt32(out var value) && value >= min && value <= max)
            return value;
        Fail($"is {Quote()}: set a whole number from {min} to {max}");
        return fallback ?? min;
    }

    /// <summary>True or false; false where there is nothing.</summary>
    public bool Flag()
    {
        if (element is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
            Fail($"is {Quote()}: set true or false");
        return element is { ValueKind: JsonValueKind.True };
    }

    /// <param name="fallback">The value where there is none.</param>
    /// <param name="max">The most, as pools write it.</param>
    public TimeSpan Time(TimeSpan fallback, string max)
    {
        if (element is null)
            return fallback;
        var read = fallback;
        Text(
            $"a time of 1s to {max}, such as 10m or 1h30m",
            text => Duration.TryParse(text, out read) && read > TimeSpan.Zero
                && Duration.TryParse(max, out var most) && read <= most);
        return read;
    }
}
