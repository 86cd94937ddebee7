using System.Text.Json.Nodes;

namespace RunnerScaler.Integration.Contract;

/// <summary>
/// An OpenAPI 3.0 description, as far as requests and answers go
/// (<see href="https://spec.openapis.org/oas/v3.0.3">specification</see>).
/// </summary>
internal sealed class ApiDescription
{
    private readonly List<(string[] Segments, string Template, JsonObject Item)> paths;

    private ApiDescription(JsonObject root)
    {
        References = new References(root);
        paths = [.. root["paths"]!.AsObject().Select(p => (p.Key.Split('/'), p.Key, p.Value!.AsObject()))];
    }

    public References References { get; }

    public static ApiDescription Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>The operation that a request is for; of several templates that fit, the most literal one.</summary>
    /// <returns>Null if the interface has none.</returns>
    public ApiOperation? Find(string method, string path)
    {
        var segments = path.Split('/');
        var fitting = from candidate in paths
                      where Fits(candidate.Segments, segments) && candidate.Item[Key(method)] is not null
                      orderby candidate.Segments.Count(IsVariable)
                      select new ApiOperation(this, candidate.Template, candidate.Item[Key(method)]!.AsObject());
        return fitting.FirstOrDefault();
    }

    private static bool Fits(string[] template, string[] path)
    {
        if (template.Length != path.Length)
            return false;
        for (var i = 0; i < path.Length; i++)
            if (IsVariable(template[i]) ? path[i].Length == 0 : template[i] != path[i])
                return false;
        return true;
    }

    private static string Key(string method) => method.ToLowerInvariant();

    private static bool IsVariable(string segment) => segment.StartsWith('{');
}

/// <summary>Follows <c>$ref</c> within one description.</summary>
internal sealed class References(JsonObject root)
{
    /// <summary>The node itself, or what it refers to.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        while (node is JsonObject { } o && (string?)o["$ref"] is { } reference)
            node = Target(reference);
        return node.AsObject();
    }

    /// <param name="reference">Such as <c>#/components/schemas/job</c>.</param>
    public JsonNode Target(string reference)
    {
        JsonNode? node = root;
        foreach (var part in reference.TrimStart('#', '/').Split('/'))
            node = node?[Unescape(part)];
        return node ?? throw new InvalidDataException($"{reference} leads nowhere in this description.");
    }

    /// <summary>As in <see href="https://www.rfc-editor.org/rfc/rfc6901#section-4">JSON pointers</see>.</summary>
    private static string Unescape(string part) =>
        part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
