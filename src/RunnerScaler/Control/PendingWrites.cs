using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// The creations that the watch has not shown yet. A slot that is asked for is taken, from before the request is sent
/// until the watch shows the pod or it is certain that there is none; so no pass counts too few, however stale the
/// cache is.
/// </summary>
internal sealed class PendingWrites(TimeProvider time)
{
    /// <summary>
    /// After this a creation that the watch has not shown is tried again: the name makes that harmless.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How long a pod that exists may take to appear in the cache before it must be somebody else's.</summary>
    internal static readonly TimeSpan WatchLag = TimeSpan.FromSeconds(10);

    private readonly Lock guard = new();
    private readonly Dictionary<(PoolKey, int), Entry> entries = [];

    public void Expect(PoolKey pool, int slot)
    {
        lock (guard)
            entries[(pool, slot)] = new(time.GetUtcNow(), null, false, false);
    }

    public void Created(PoolKey pool, int slot, string uid) => Change(pool, slot, e => e with { Uid = uid });

    public void AlreadyExists(PoolKey pool, int slot) => Change(pool, slot, e => e with { Exists = true });

    /// <summary>The slot holds a pod that the watch will never show.</summary>
    public void Foreign(PoolKey pool, int slot) => Change(pool, slot, e => e with { Exists = true, Hidden = true });

    /// <summary>It is certain that there is no such pod.</summary>
    public void Failed(PoolKey pool, int slot)
    {
        lock (guard)
            entries.Remove((pool, slot));
    }

    /// <summary>The watch shows, or has just stopped showing, this pod.</summary>
    public void Observed(PoolKey pool, int slot, string uid)
    {
        lock (guard)
            if (entries.TryGetValue((pool, slot), out var entry) && (entry.Uid is null || entry.Uid == uid))
                entries.Remove((pool, slot));
    }

    public IReadOnlyList<PendingCreate> Of(PoolKey pool)
    {
        var now = time.GetUtcNow();
        lock (guard)
        {
            foreach (var (key, entry) in entries)
                if (now - entry.At >= Patience)
                    entries.Remove(key);
            return [.. entries.Where(e => e.Key.Item1 == pool).Select(e => new PendingCreate(
                pool, e.Key.Item2, e.Value.At, e.Value.Hidden || (e.Value.Exists && now - e.Value.At > WatchLag)))];
        }
    }

    private void Change(PoolKey pool, int slot, Func<Entry, Entry> change)
    {
        lock (guard)
            if (entries.TryGetValue((pool, slot), out var entry))
                entries[(pool, slot)] = change(entry);
    }

    private sealed record Entry(DateTimeOffset At, string? Uid, bool Exists, bool Hidden);
}
