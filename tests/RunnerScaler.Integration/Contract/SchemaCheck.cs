using System.Text.Json.Nodes;
using NJsonSchema;
using NJsonSchema.Validation;

namespace RunnerScaler.Integration.Contract;

/// <summary>
/// Checks JSON against a schema of an OpenAPI 3.0 description. Such a schema is nearly JSON Schema; the differences are
/// translated: <c>nullable</c> becomes the type <c>null</c>, and formats, which describe more than GitHub keeps to, are
/// left out.
/// </summary>
/// <param name="references">Of the description that the schema is from.</param>
/// <param name="onlyNamed">
/// Whether members that the schema does not name are errors, for a misspelt optional member would pass otherwise.
/// GitHub's refusals do hold more than their schemas name.
/// </param>
internal sealed class SchemaCheck(References references, bool onlyNamed = true)
{
    private readonly JsonObject definitions = [];
    private readonly Dictionary<string, string> names = [];

    /// <summary>What is wrong with the JSON, each with its place; empty if nothing is.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(JsonNode schema, string json)
    {
        var root = Translate(references.Resolve(schema));
        root["definitions"] = definitions.DeepClone();
        var translated = await JsonSchema.FromJsonAsync(root.ToJsonString());
        return [.. translated.Validate(json).SelectMany(Describe)];
    }

    private static IEnumerable<string> Describe(ValidationError error) => error is ChildSchemaValidationError inner
        ? inner.Errors.SelectMany(e => e.Value).SelectMany(Describe)
            .Prepend($"{error.Path}: {error.Kind}, because:")
        : [$"{error.Path}: {error.Kind}"];

    private JsonObject Translate(JsonNode node)
    {
        var schema = node.AsObject();
        if ((string?)schema["$ref"] is { } reference)
            return new JsonObject { ["$ref"] = $"#/definitions/{Define(reference)}" };
        var result = new JsonObject();
        foreach (var (name, value) in schema)
            if (Keyword(name, value!) is { } kept)
                result[name] = kept;
        if (onlyNamed && result.ContainsKey("properties") && !schema.ContainsKey("additionalProperties"))
            result["additionalProperties"] = false;
        return (bool?)schema["nullable"] == true ? Nullable(result) : result;
    }

    private JsonNode? Keyword(string name, JsonNode value) => name switch
    {
        "properties" => Properties(value.AsObject()),
        "items" => Translate(value),
        "additionalProperties" when value is JsonObject => Translate(value),
        "oneOf" or "anyOf" => Array(value, Translate),
        "allOf" => Array(value, v => Open(Translate(v))),
        "type" or "required" or "enum" or "additionalProperties" or "pattern" or "minimum" or "maximum"
            or "minLength" or "maxLength" or "minItems" or "maxItems" or "uniqueItems" => value.DeepClone(),
        _ => null,
    };

    private static JsonArray Array(JsonNode values, Func<JsonNode, JsonNode> translate) =>
        [.. values.AsArray().Select(v => translate(v!))];

    private JsonObject Properties(JsonObject properties)
    {
        var result = new JsonObject();
        foreach (var (name, schema) in properties)
            result[name] = Translate(schema!);
        return result;
    }

    /// <summary>A part of <c>allOf</c> names some members only: the others are not for it to refuse.</summary>
    private static JsonObject Open(JsonObject part)
    {
        if (part["additionalProperties"] is JsonValue)
            part.Remove("additionalProperties");
        return part;
    }

    private static JsonObject Nullable(JsonObject schema)
    {
        if (schema["type"] is JsonValue type && schema["enum"] is null)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            return schema;
        }

        return new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, schema) };
    }

    /// <summary>Translates the target once, and refers to it by its name.</summary>
    private string Define(string reference)
    {
        if (names.TryGetValue(reference, out var known))
            return known;
        var name = $"s{names.Count}";
        names[reference] = name;
        definitions[name] = Translate(references.Target(reference));
        return name;
    }
}
