using System.Collections.Concurrent;

namespace RunnerScaler.Kubernetes.Watching;

/// <summary>
/// The objects now known, by name. Deleted and made anew between two looks is told as two changes: the uid gives it
/// away. One informer writes each namespace; anyone may read.
/// </summary>
internal sealed class ObjectCache<T>
    where T : class
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), (string Uid, T Value)> objects = new();

    /// <summary>Tells of everything that appeared, changed or vanished: before and after (null: none).</summary>
    public event Action<T?, T?>? Changed;

    public IEnumerable<T> All => objects.Select(o => o.Value.Value);

    public T? Find(string objectNamespace, string name) =>
        objects.TryGetValue((objectNamespace, name), out var found) ? found.Value : null;

    /// <summary>Takes what a watch showed.</summary>
    public void Take(Observed<T> seen)
    {
        if (seen.Unreadable is not null)
            return;
        var key = (seen.Namespace, seen.Name);
        objects.TryGetValue(key, out var known);
        if (seen.Value is null)
        {
            if (objects.TryRemove(key, out known))
                Changed?.Invoke(known.Value, null);
            return;
        }
        objects[key] = (seen.Uid, seen.Value);
        if (known.Value is not null && known.Uid != seen.Uid)
        {
            Changed?.Invoke(known.Value, null);
            known = default;
        }
        if (!seen.Value.Equals(known.Value))
            Changed?.Invoke(known.Value, seen.Value);
    }

    /// <summary>Takes a whole list: what it does not show is gone.</summary>
    /// <param name="only">The namespace that was listed; null for all.</param>
    /// <param name="items">The whole list.</param>
    public void Replace(string? only, IReadOnlyCollection<Observed<T>> items)
    {
        var shown = items
            .Where(i => i.Value is not null || i.Unreadable is not null)
            .Select(i => (i.Namespace, i.Name))
            .ToHashSet();
        foreach (var (key, known) in objects)
            if ((only is null || key.Namespace == only) && !shown.Contains(key))
                Take(new Observed<T>(key.Namespace, key.Name, known.Uid, null));
        foreach (var item in items)
            if (item.Value is not null)
                Take(item);
    }
}
