using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Reads bodies of requests: JSON, or YAML where the content type says so.</summary>
internal static class BodyReader
{
    /// <summary>The API server takes JSON that nests so deep.</summary>
    private static readonly JsonDocumentOptions AsDeep = new() { MaxDepth = 10_000 };

    private const int LargestBody = 3 * 1024 * 1024;

    /// <summary>The body as an object.</summary>
    /// <exception cref="KubeFailure">400 when it is none, 415 for another content type, 413 when it is too
    /// large.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpRequest http) =>
        await ReadAsync(http) as JsonObject
            ?? throw KubeFailure.BadRequest("the body of the request is no JSON object");

    /// <summary>The body as an object, or null when there is no body.</summary>
    public static async Task<JsonObject?> ReadOptionalAsync(HttpRequest http) =>
        await ReadAsync(http) switch
        {
            null => null,
            JsonObject body => body,
            _ => throw KubeFailure.BadRequest("the body of the request is no JSON object"),
        };

    /// <summary>The body as a patch, by its content type.</summary>
    public static async Task<Patch> ReadPatchAsync(HttpRequest http)
    {
        var kind = MediaType(http) switch
        {
            "application/json-patch+json" => PatchKind.Json,
            "application/merge-patch+json" => PatchKind.Merge,
            "application/strategic-merge-patch+json" => PatchKind.Strategic,
            "application/apply-patch+yaml" => PatchKind.Apply,
            var other => throw KubeFailure.UnsupportedMediaType(
                $"the body of the request was in an unknown format ({other}) - accepted media types include: "
                + "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
                + "application/apply-patch+yaml"),
        };
        var body = Parse(await TextAsync(http), isYaml: kind == PatchKind.Apply)
            ?? throw KubeFailure.BadRequest("the patch is empty");
        var manager = http.Query["fieldManager"].ToString();
        if (kind == PatchKind.Apply && manager.Length == 0)
            throw KubeFailure.BadRequest(
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        return new Patch(kind, body, manager, KubeRequest.IsTrue(http.Query, "force"));
    }

    private static async Task<JsonNode?> ReadAsync(HttpRequest http)
    {
        var media = MediaType(http);
        var isYaml = media is "application/yaml" or "text/yaml" or "application/x-yaml";
        if (!isYaml && media is not ("" or "application/json"))
        {
            throw KubeFailure.UnsupportedMediaType(
                $"the body of the request was in an unknown format ({media}) - accepted media types include: "
                + "application/json, application/yaml");
        }
        return Parse(await TextAsync(http), isYaml);
    }

    private static string MediaType(HttpRequest http) =>
        (http.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static async Task<string> TextAsync(HttpRequest http)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Body.ReadAsync(chunk, http.HttpContext.RequestAborted)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > LargestBody)
                throw new KubeFailure(413, "RequestEntityTooLarge", $"limit is {LargestBody} bytes");
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static JsonNode? Parse(string text, bool isYaml)
    {
        if (text.Length == 0)
            return null;
        try
        {
            // JSON is the common case under YAML content types too, and JSON's own reader is strict about it.
            return isYaml && text.TrimStart() is not ['{' or '[', ..]
                ? FromYaml(text)
                : JsonNode.Parse(text, null, AsDeep);
        }
        catch (Exception e) when (e is JsonException or YamlException)
        {
            throw KubeFailure.BadRequest($"the body of the request cannot be read: {e.Message}");
        }
    }

    private static JsonNode? FromYaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : FromYaml(stream.Documents[0].RootNode);
    }

    private static JsonNode? FromYaml(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(
            p => KeyValuePair.Create(((YamlScalarNode)p.Key).Value ?? "", FromYaml(p.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(FromYaml)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => FromPlain(plain.Value ?? ""),
        YamlScalarNode quoted => JsonValue.Create(quoted.Value),
        _ => null,
    };

    private static JsonNode? FromPlain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when IsJsonNumber(text) => JsonNode.Parse(text),
        _ => JsonValue.Create(text),
    };

    private static bool IsJsonNumber(string text)
    {
        try
        {
            return text[0] is '-' or (>= '0' and <= '9') && JsonNode.Parse(text) is JsonValue;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
