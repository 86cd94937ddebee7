using System.Text.Json.Nodes;

namespace RunnerScaler.Integration.Contract;

/// <summary>One thing that the interface can be asked for.</summary>
internal sealed class ApiOperation(ApiDescription description, string template, JsonObject operation)
{
    /// <summary>The path with its variable parts in braces.</summary>
    public string Template => template;

    public References References => description.References;

    /// <summary>Parameters by name, for a place: <c>query</c> or <c>path</c>.</summary>
    public IReadOnlyDictionary<string, JsonObject> Parameters(string place) =>
        (operation["parameters"]?.AsArray() ?? [])
            .Select(p => References.Resolve(p!))
            .Where(p => (string?)p["in"] == place)
            .ToDictionary(p => (string)p["name"]!);

    /// <summary>The schema of the JSON that may be sent; null if none may.</summary>
    public JsonNode? Body => Json(operation["requestBody"] is { } body ? References.Resolve(body) : null);

    /// <summary>Whether an answer with this status is described.</summary>
    public bool Answers(int status) => operation["responses"]?[$"{status}"] is not null;

    /// <summary>The schema of the JSON of an answer; null if it has none.</summary>
    public JsonNode? Answer(int status) =>
        Json(operation["responses"]?[$"{status}"] is { } response ? References.Resolve(response) : null);

    private static JsonNode? Json(JsonObject? described) => described?["content"]?["application/json"]?["schema"];
}
