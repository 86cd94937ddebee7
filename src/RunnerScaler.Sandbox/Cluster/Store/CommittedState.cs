using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// What is committed: every table, the one version counter, and which object owns which. Not locked by itself.
/// </summary>
internal sealed class CommittedState(int historyLength)
{
    private readonly Dictionary<string, ObjectTable> tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredObject> byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> dependents = new(StringComparer.Ordinal);

    /// <summary>The version of the latest write.</summary>
    public long Version { get; private set; }

    public IEnumerable<ObjectTable> Tables => tables.Values;

    public ObjectTable Table(ResourceType type) => tables.TryGetValue(type.Resource, out var table)
        ? table
        : throw KubeFailure.NoSuchPath();

    public void AddTable(ResourceType type)
    {
        if (tables.TryGetValue(type.Resource, out var table))
            table.Type = type;
        else
            tables.Add(type.Resource, new ObjectTable(type, historyLength, Version));
    }

    public void RemoveTable(ResourceType type) => tables.Remove(type.Resource);

    public StoredObject? FindByUid(string uid) => byUid.GetValueOrDefault(uid);

    /// <summary>The objects that name an owner by this uid, in a stable order.</summary>
    public IReadOnlyList<StoredObject> DependentsOf(string uid) => dependents.TryGetValue(uid, out var uids)
        ? [.. uids.Select(FindByUid).OfType<StoredObject>()
            .OrderBy(o => o.Type.Resource, StringComparer.Ordinal).ThenBy(o => o.Key, StringComparer.Ordinal)]
        : [];

    /// <summary>Makes a value the state of its object. The value becomes its own.</summary>
    public StoredObject Put(ResourceType type, StoredObject? before, JsonObject value)
    {
        var after = Stamp(type, value, before?.Applied);
        Log(new Change(before, after, Removed: false));
        return after;
    }

    /// <summary>Removes an object; the returned last state has the version of the removal.</summary>
    public StoredObject Remove(StoredObject before, JsonObject? lastValue = null)
    {
        var after = Stamp(before.Type, lastValue ?? before.Copy(), before.Applied);
        Log(new Change(before, after, Removed: true));
        return after;
    }

    /// <summary>The same state with another memory of who applied what: no change that anybody sees.</summary>
    public StoredObject Replace(StoredObject item, ImmutableSortedDictionary<string, JsonObject> applied)
    {
        var table = Table(item.Type);
        var replacement = new StoredObject(item.Type, item.Value, item.Version) { Applied = applied };
        if (ReferenceEquals(table.Find(item.Namespace, item.Name), item))
        {
            table.Swap(replacement);
            byUid[item.Uid] = replacement;
        }
        return replacement;
    }

    /// <summary>Forgets the history: every watch or continued list from an older version gets 410.</summary>
    public void Compact()
    {
        // A version nobody was given, so that even a reader of the very latest state is told to list again.
        Version++;
        foreach (var table in tables.Values)
            table.Log.Compact(Version);
    }

    private StoredObject Stamp(
        ResourceType type, JsonObject value, ImmutableSortedDictionary<string, JsonObject>? applied)
    {
        Version++;
        value.Metadata()["resourceVersion"] = Versions.Write(Version);
        return new StoredObject(type, value, Version)
        {
            Applied = applied ?? ImmutableSortedDictionary<string, JsonObject>.Empty,
        };
    }

    private void Log(Change change)
    {
        if (change.Before is { } before)
        {
            byUid.Remove(before.Uid);
            foreach (var owner in Owners(before))
                Unlink(owner, before.Uid);
        }
        if (!change.Removed)
        {
            byUid[change.After.Uid] = change.After;
            foreach (var owner in Owners(change.After))
                Link(owner, change.After.Uid);
        }
        Table(change.After.Type).Apply(change);
    }

    private void Link(string owner, string uid)
    {
        if (!dependents.TryGetValue(owner, out var uids))
            dependents[owner] = uids = [];
        uids.Add(uid);
    }

    private void Unlink(string owner, string uid)
    {
        if (dependents.TryGetValue(owner, out var uids) && uids.Remove(uid) && uids.Count == 0)
            dependents.Remove(owner);
    }

    private static IEnumerable<string> Owners(StoredObject item) =>
        item.Value.Objects("metadata", "ownerReferences").Select(o => o.Text("uid")).OfType<string>().Distinct();
}
