using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>One committed write. <paramref name="Before"/> is null for a creation.</summary>
/// <param name="After">The state after the write; for a removal the last state, with the version of the
/// removal.</param>
internal sealed record Change(StoredObject? Before, StoredObject After, bool Removed)
{
    public long Version => After.Version;

    /// <summary>
    /// What a watcher with this selector sees of the change: entering the selection is an addition, leaving it a
    /// deletion. Null when it sees nothing.
    /// </summary>
    public WatchEvent? SeenBy(Selector selector)
    {
        var was = Before is not null && selector.Matches(Before);
        var now = !Removed && selector.Matches(After);
        return (was, now) switch
        {
            (false, true) => new WatchEvent(WatchEventKind.Added, After),
            (true, true) => new WatchEvent(WatchEventKind.Modified, After),
            (true, false) when Removed => new WatchEvent(WatchEventKind.Deleted, After),
            (true, false) => new WatchEvent(WatchEventKind.Deleted, Before!.WithVersion(Version)),
            _ => null,
        };
    }
}

internal enum WatchEventKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>What a watch delivers.</summary>
internal sealed record WatchEvent(WatchEventKind Kind, StoredObject Item)
{
    /// <summary>The kind as the protocol writes it.</summary>
    public string Type => Kind switch
    {
        WatchEventKind.Added => "ADDED",
        WatchEventKind.Modified => "MODIFIED",
        _ => "DELETED",
    };
}

/// <summary>A page of a list, in the order of namespace and name.</summary>
/// <param name="Version">The version of the state that the page shows.</param>
/// <param name="Continue">The token of the next page; null at the end.</param>
/// <param name="Remaining">How many items follow; null when unknown because of a selector.</param>
internal sealed record ObjectPage(
    ResourceType Type, IReadOnlyList<StoredObject> Items, long Version, string? Continue = null, long? Remaining = null)
{
    /// <summary>The list's metadata as the protocol writes it.</summary>
    public JsonObject Metadata()
    {
        var metadata = new JsonObject { ["resourceVersion"] = Versions.Write(Version) };
        if (Continue is not null)
            metadata["continue"] = Continue;
        if (Remaining is not null)
            metadata["remainingItemCount"] = Remaining;
        return metadata;
    }
}
