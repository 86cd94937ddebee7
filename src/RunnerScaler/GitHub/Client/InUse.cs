using System.Collections.Concurrent;

namespace RunnerScaler.GitHub.Client;

/// <summary>
/// Things that are made for a key and kept for as long as somebody asks for them: pools come and go, and with them the
/// owners they name. Safe to use from any thread.
/// </summary>
/// <param name="unused">What nobody has asked for in this time is forgotten when something else is made.</param>
/// <param name="time">The clock.</param>
internal sealed class InUse<TKey, TValue>(TimeSpan unused, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> entries = new();

    public int Count => entries.Count;

    /// <summary>All that are kept; to look at them keeps none.</summary>
    public IEnumerable<(TKey Key, TValue Value)> All => entries.Select(e => (e.Key, e.Value.Value));

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        var now = time.GetTimestamp();
        if (!entries.TryGetValue(key, out var entry))
        {
            foreach (var (old, known) in entries)
                if (time.GetElapsedTime(known.UsedAt, now) > unused)
                    entries.TryRemove(new(old, known));
            entry = entries.GetOrAdd(key, k => new Entry(make(k)));
        }
        entry.UsedAt = now;
        return entry.Value;
    }

    private sealed class Entry(TValue value)
    {
        public TValue Value => value;

        public long UsedAt { get; set; }
    }
}
