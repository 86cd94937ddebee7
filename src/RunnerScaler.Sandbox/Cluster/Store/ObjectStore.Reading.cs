using System.Text;
using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>Lists and watches.</summary>
internal sealed partial class ObjectStore
{
    /// <summary>All objects that the selector matches, in one page.</summary>
    public ObjectPage List(ResourceType type, Selector? selector = null) => List(type, selector, 0, null, null);

    /// <summary>A page of the objects that the selector matches.</summary>
    /// <param name="limit">The most items in the page; 0 for all.</param>
    /// <param name="token">The <see cref="ObjectPage.Continue"/> of the page before: all pages show one state.</param>
    /// <param name="exactVersion">Show the state at this version instead of the latest.</param>
    /// <exception cref="KubeFailure">410 when the state asked for is no longer known.</exception>
    public ObjectPage List(ResourceType type, Selector? selector, int limit, string? token, long? exactVersion)
    {
        lock (gate)
        {
            var (version, after) = token is null ? (exactVersion ?? committed.Version, null) : ReadToken(token);
            var table = committed.Table(type);
            var all = version == committed.Version ? table.All : table.AllAt(version);
            selector ??= Selector.All;
            var matching = all
                .Where(o => (after is null || string.CompareOrdinal(o.Key, after) > 0) && selector.Matches(o));
            if (limit <= 0)
                return new ObjectPage(type, [.. matching], version);
            var items = matching.ToList();
            if (items.Count <= limit)
                return new ObjectPage(type, items, version);
            var page = items[..limit];
            return new ObjectPage(type, page, version, WriteToken(version, page[^1].Key),
                selector.IsNarrow ? null : items.Count - limit);
        }
    }

    /// <summary>Watches the objects that the selector matches.</summary>
    /// <param name="fromVersion">Deliver what happened after this version; null or 0 to start with what exists
    /// now.</param>
    /// <exception cref="KubeFailure">410 when changes after that version are no longer known.</exception>
    public WatchCursor Watch(ResourceType type, Selector? selector = null, long? fromVersion = null)
    {
        selector ??= Selector.All;
        lock (gate)
        {
            var table = committed.Table(type);
            if (fromVersion is not null and not 0)
            {
                return new WatchCursor(
                    gate, table.Log, selector, table.Log.PositionAfter(fromVersion.Value), [], () => committed.Version);
            }
            var existing = table.All.Where(selector.Matches).Select(o => new WatchEvent(WatchEventKind.Added, o));
            return new WatchCursor(gate, table.Log, selector, table.Log.End, existing, () => committed.Version);
        }
    }

    private static string WriteToken(long version, string after) => Convert.ToBase64String(
        Encoding.UTF8.GetBytes(new JsonObject { ["rv"] = version, ["start"] = after }.ToJsonString()));

    private static (long Version, string? After) ReadToken(string token)
    {
        try
        {
            var content = JsonNode.Parse(Convert.FromBase64String(token));
            if (content.Number("rv") is { } version && content.Text("start") is { } after)
                return (version, after);
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
        {
            throw KubeFailure.BadRequest($"continue key is not valid: {e.Message}");
        }
        throw KubeFailure.BadRequest("continue key is not valid: incorrect encoded start resourceVersion");
    }
}
