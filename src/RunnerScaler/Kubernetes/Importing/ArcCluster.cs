using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>ARC's objects of a cluster.</summary>
/// <param name="api">The API server.</param>
/// <param name="namespaces">Where to look; empty for everywhere.</param>
internal sealed class ArcCluster(ApiServer api, IEnumerable<string> namespaces)
{
    private readonly string?[] places = [.. namespaces.Distinct().Cast<string?>().DefaultIfEmpty(null)];

    /// <summary>Lists of all kinds that the cluster knows.</summary>
    /// <exception cref="ImportException">The API server does not give them.</exception>
    public async Task<IReadOnlyList<JsonNode>> ReadAsync(CancellationToken cancel)
    {
        var lists = new List<JsonNode>();
        foreach (var (kind, group, plural) in ArcKinds.Listed)
            foreach (var place in places)
                if (await ListAsync(ResourcePaths.In($"/apis/{group}", place, plural), kind, cancel) is { } list)
                    lists.Add(list);
        return lists.Count > 0
            ? lists
            : throw new ImportException("The cluster does not know ARC's kinds: give a file instead, by --from=FILE.");
    }

    private async Task<JsonNode?> ListAsync(string path, string kind, CancellationToken cancel)
    {
        var answer = await api.GetAsync(path, cancel);
        if (answer.Code == 404)
            return null;
        if (!answer.Ok)
            throw new ImportException($"The API server does not list objects of the kind {kind}: {answer.Why}.");
        var objects = new JsonArray();
        foreach (var item in answer.Root.Each("items"))
            objects.Add((JsonNode)WithKind(item, kind));
        return new JsonObject { ["kind"] = $"{kind}List", ["items"] = objects };
    }

    /// <summary>An item of a list does not say its kind. One that cannot be read keeps its name alone.</summary>
    private static JsonObject WithKind(JsonElement item, string kind)
    {
        JsonObject read;
        try
        {
            read = JsonText.ParseStrictly(item);
        }
        catch (Exception e) when (JsonText.IsUnreadable(e))
        {
            var metadata = item.Member("metadata");
            read = new()
            {
                ["metadata"] = new JsonObject
                {
                    ["namespace"] = metadata.Text("namespace"),
                    ["name"] = metadata.Text("name"),
                },
            };
        }
        read["kind"] = kind;
        return read;
    }
}
