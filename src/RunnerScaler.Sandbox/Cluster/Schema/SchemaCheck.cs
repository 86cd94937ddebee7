using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Schema;

/// <summary>
/// Validation of custom objects by a structural schema, with the sentences of the real server. Formats are not
/// checked and CEL rules are not run: the reader of pools has to find the same.
/// </summary>
internal sealed class SchemaCheck
{
    private static readonly string[] Combinators = ["allOf", "anyOf", "oneOf"];
    private readonly List<FieldError> errors = [];

    /// <summary>Everything that is wrong with the value; empty when it is valid.</summary>
    public static IReadOnlyList<FieldError> Errors(JsonNode? value, JsonNode? schema, string path = "")
    {
        var check = new SchemaCheck();
        check.Visit(value, schema, path);
        return check.errors;
    }

    private void Visit(JsonNode? value, JsonNode? schema, string path)
    {
        if (schema is not JsonObject)
            return;
        if (value is null)
        {
            if (!schema.IsTrue("nullable") && schema.Text("type") is { } wanted)
                Add(path, "\"null\"", $"must be of type {wanted}: \"null\"");
            return;
        }
        if (!HasType(value, schema))
        {
            var actual = $"\"{TypeName(value)}\"";
            var expected = schema.IsTrue("x-kubernetes-int-or-string") ? "integer,string" : schema.Text("type");
            Add(path, actual, $"must be of type {expected}: {actual}");
            return;
        }
        VisitEnum(value, schema, path);
        switch (value)
        {
            case JsonObject map: VisitMap(map, schema, path); break;
            case JsonArray list: VisitList(list, schema, path); break;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String: VisitText(text, schema, path); break;
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                VisitNumber(number, schema, path);
                break;
        }
        VisitCombinations(value, schema, path);
    }

    private void VisitEnum(JsonNode value, JsonNode? schema, string path)
    {
        if (schema.At("enum") is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            errors.Add(FieldError.NotSupported(path, value.ToJsonString(),
                allowed.Select(a => a?.ToJsonString() ?? "null")));
        }
    }

    private void VisitMap(JsonObject map, JsonNode? schema, string path)
    {
        foreach (var name in (schema.At("required") as JsonArray ?? []).Select(n => n.Text()).OfType<string>())
        {
            if (!map.ContainsKey(name))
                errors.Add(FieldError.Required(Join(path, name)));
        }
        foreach (var (name, child) in map)
        {
            var known = schema.At("properties", name) ?? schema.At("additionalProperties");
            Visit(child, known, Join(path, name));
        }
        Limit(path, map.Count, schema, "minProperties", "maxProperties", "properties");
    }

    private void VisitList(JsonArray list, JsonNode? schema, string path)
    {
        for (var i = 0; i < list.Count; i++)
            Visit(list[i], schema.At("items"), $"{path}[{i}]");
        Limit(path, list.Count, schema, "minItems", "maxItems", "items");
        VisitKeys(list, schema, path);
    }

    private void VisitKeys(JsonArray list, JsonNode? schema, string path)
    {
        var keys = schema.At("x-kubernetes-list-map-keys") is JsonArray names
            ? names.Select(n => n.Text() ?? "")
            : null;
        var isSet = schema.Text("x-kubernetes-list-type") == "set" || schema.IsTrue("uniqueItems");
        if (keys is null && !isSet)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var key = keys is null
                ? list[i]?.ToJsonString() ?? "null"
                : "{" + string.Join(",", keys.Select(k => $"\"{k}\":{list[i].At(k)?.ToJsonString() ?? "null"}")) + "}";
            if (!seen.Add(key))
                errors.Add(FieldError.Duplicate($"{path}[{i}]", key));
        }
    }

    private void VisitText(JsonValue value, JsonNode? schema, string path)
    {
        var text = value.GetValue<string>();
        var length = text.EnumerateRunes().Count();
        if (schema.Number("minLength") is { } min && length < min)
            Add(path, Quote(text), $"should be at least {min} chars long");
        if (schema.Number("maxLength") is { } max && length > max)
            Add(path, Quote(text), $"should be at most {max} chars long");
        if (schema.Text("pattern") is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant))
            Add(path, Quote(text), $"should match '{pattern}'");
    }

    private void VisitNumber(JsonValue value, JsonNode? schema, string path)
    {
        var number = Decimal(value);
        if (schema.At("minimum") is { } least)
        {
            var exclusive = schema.IsTrue("exclusiveMinimum");
            if (number < Decimal(least) || (exclusive && number == Decimal(least)))
                Add(path, value.ToJsonString(), $"should be greater than {(exclusive ? "" : "or equal to ")}{least}");
        }
        if (schema.At("maximum") is { } most)
        {
            var exclusive = schema.IsTrue("exclusiveMaximum");
            if (number > Decimal(most) || (exclusive && number == Decimal(most)))
                Add(path, value.ToJsonString(), $"should be less than {(exclusive ? "" : "or equal to ")}{most}");
        }
        if (schema.At("multipleOf") is { } step && number % Decimal(step) != 0)
            Add(path, value.ToJsonString(), $"should be a multiple of {step}");
    }

    private void VisitCombinations(JsonNode value, JsonNode? schema, string path)
    {
        foreach (var name in Combinators)
        {
            if (schema.At(name) is not JsonArray options)
                continue;
            var valid = options.Count(o => Errors(value, o, path).Count == 0);
            if (name == "allOf" ? valid < options.Count : name == "anyOf" ? valid == 0 : valid != 1)
                Add(path, value.ToJsonString(),
                    $"must validate {Words(name)} schema{(name == "allOf" ? "s" : "")} ({name})");
        }
        if (schema.At("not") is { } forbidden && Errors(value, forbidden, path).Count == 0)
            Add(path, value.ToJsonString(), "must not validate the schema (not)");
    }

    private void Limit(string path, int count, JsonNode? schema, string least, string most, string what)
    {
        if (schema.Number(least) is { } min && count < min)
            Add(path, $"{count}", $"should have at least {min} {what}");
        if (schema.Number(most) is { } max && count > max)
            errors.Add(new FieldError(path, "FieldValueInvalid", $"Too many: {count}: must have at most {max} items"));
    }

    private void Add(string path, string value, string why) =>
        errors.Add(FieldError.Invalid(path, value, $"{(path.Length == 0 ? "<root>" : path)} in body {why}"));

    private static bool HasType(JsonNode value, JsonNode? schema)
    {
        if (schema.IsTrue("x-kubernetes-int-or-string"))
            return TypeName(value) is "integer" or "string";
        var actual = TypeName(value);
        return schema.Text("type") is not { } wanted || wanted == actual || (wanted == "number" && actual == "integer");
    }

    private static string TypeName(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => Decimal(value) == decimal.Truncate(Decimal(value)) ? "integer" : "number",
        _ => "boolean",
    };

    private static string Words(string combinator) => combinator switch
    {
        "allOf" => "all the",
        "anyOf" => "at least one",
        _ => "one and only one",
    };

    private static decimal Decimal(JsonNode value) =>
        decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string Quote(string text) => JsonValue.Create(text).ToJsonString();

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
