namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// All objects of one type, in the order of lists, with the log of their changes. Not locked by itself.
/// </summary>
/// <param name="version">The version at which the type came to exist.</param>
internal sealed class ObjectTable(ResourceType type, int historyLength, long version)
{
    private readonly SortedDictionary<string, StoredObject> objects = new(StringComparer.Ordinal);

    public ResourceType Type { get; set; } = type;

    public ChangeLog Log { get; } = new(historyLength, version);

    public int Count => objects.Count;

    public IEnumerable<StoredObject> All => objects.Values;

    public StoredObject? Find(string? ns, string name) => objects.GetValueOrDefault(StoredObject.KeyOf(ns, name));

    public void Apply(Change change)
    {
        if (change.Removed)
            objects.Remove(change.After.Key);
        else
            objects[change.After.Key] = change.After;
        Log.Add(change);
    }

    /// <summary>Exchanges the record of an object for one with the same content.</summary>
    public void Swap(StoredObject item) => objects[item.Key] = item;

    /// <summary>The objects as they were at an earlier version.</summary>
    /// <exception cref="KubeFailure">410 when that version is no longer known.</exception>
    public IEnumerable<StoredObject> AllAt(long version)
    {
        var then = new SortedDictionary<string, StoredObject>(objects, StringComparer.Ordinal);
        foreach (var change in Log.NewestFirst(version))
        {
            if (change.Before is null)
                then.Remove(change.After.Key);
            else
                then[change.After.Key] = change.Before;
        }
        return then.Values;
    }
}
