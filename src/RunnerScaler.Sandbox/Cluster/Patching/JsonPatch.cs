using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Patching;

/// <summary>
/// JSON Patch (https://www.rfc-editor.org/rfc/rfc6902). All operations apply, or the patch fails with 422 as at the
/// real server, which gives a failed <c>test</c> the same code as any other operation that cannot apply.
/// </summary>
internal static class JsonPatch
{
    /// <summary>Applies a patch to a document, which may be changed; the result is the returned document.</summary>
    public static JsonNode? Apply(JsonNode? document, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
            throw KubeFailure.BadRequest("a JSON Patch is a list of operations");
        foreach (var operation in operations)
        {
            if (operation is not JsonObject step)
                throw KubeFailure.BadRequest("an operation of a JSON Patch is an object");
            document = ApplyStep(document, step);
        }
        return document;
    }

    private static JsonNode? ApplyStep(JsonNode? document, JsonObject step)
    {
        var path = Pointer(step, "path");
        switch (step.Text("op"))
        {
            case "add":
                return Add(document, path, Value(step));
            case "replace":
                return Replace(document, path, Value(step));
            case "remove":
                Remove(document, path);
                return document;
            case "test":
                var (found, actual) = Find(document, path);
                if (!JsonNode.DeepEquals(found ? actual : null, Value(step)))
                    throw Failed($"testing path {step.Text("path")} failed");
                return document;
            case "copy":
                return Add(document, path, Existing(document, Pointer(step, "from"))?.DeepClone());
            case "move":
                var from = Pointer(step, "from");
                var moved = Existing(document, from)?.DeepClone();
                Remove(document, from);
                return Add(document, path, moved);
            default:
                throw KubeFailure.BadRequest($"unknown operation in JSON Patch: {step.Text("op")}");
        }
    }

    private static JsonNode? Add(JsonNode? document, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
            return value;
        switch (Existing(document, path[..^1]))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list:
                list.Insert(Index(path[^1], list.Count), value);
                break;
            default:
                throw Missing(path);
        }
        return document;
    }

    private static JsonNode? Replace(JsonNode? document, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
            return value;
        Existing(document, path);
        switch (Existing(document, path[..^1]))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list:
                list[Index(path[^1], list.Count - 1)] = value;
                break;
        }
        return document;
    }

    private static void Remove(JsonNode? document, string[] path)
    {
        if (path.Length == 0)
            throw Failed("the whole document cannot be removed");
        Existing(document, path);
        switch (Existing(document, path[..^1]))
        {
            case JsonObject map:
                map.Remove(path[^1]);
                break;
            case JsonArray list:
                list.RemoveAt(Index(path[^1], list.Count - 1));
                break;
        }
    }

    private static JsonNode? Existing(JsonNode? document, string[] path)
    {
        var (found, node) = Find(document, path);
        return found ? node : throw Missing(path);
    }

    private static (bool Found, JsonNode? Node) Find(JsonNode? node, string[] path)
    {
        foreach (var step in path)
        {
            switch (node)
            {
                case JsonObject map when map.TryGetPropertyValue(step, out var child):
                    node = child;
                    break;
                case JsonArray list when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
                    && i < list.Count:
                    node = list[i];
                    break;
                default:
                    return (false, null);
            }
        }
        return (true, node);
    }

    private static int Index(string text, int largest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= largest
            ? index
            : throw Failed($"no index {text} in a list whose largest is {largest}");

    private static string[] Pointer(JsonObject step, string property)
    {
        var text = step.Text(property)
            ?? throw KubeFailure.BadRequest($"an operation of a JSON Patch lacks \"{property}\"");
        if (text.Length == 0)
            return [];
        if (text[0] != '/')
            throw KubeFailure.BadRequest($"not a JSON pointer: {text}");
        return [.. text[1..].Split('/').Select(s => s
            .Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Value(JsonObject step) => step["value"]?.DeepClone();

    private static KubeFailure Missing(string[] path) => Failed($"doc is missing path: /{string.Join('/', path)}");

    private static KubeFailure Failed(string message) => new(422, "Invalid", message, []);
}
