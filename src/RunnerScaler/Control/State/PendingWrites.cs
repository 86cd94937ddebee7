using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>
/// The creations that the watch has not shown yet. A slot that is asked for is taken, from before the request is sent
/// until the watch shows the pod or it is certain that there is none; so no pass counts too few, however stale the
/// cache is. A slot has one write at a time, which is never begun again while it waits for its turn or its answer.
/// </summary>
internal sealed class PendingWrites(TimeProvider time)
{
    /// <summary>
    /// After this a creation that was answered, and that the watch has not shown, is tried again: the name makes that
    /// harmless.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How long a pod that exists may take to appear in the cache before it must be somebody else's.</summary>
    internal static readonly TimeSpan WatchLag = TimeSpan.FromSeconds(10);

    private readonly Lock guard = new();
    private readonly Dictionary<(PoolKey, int), Entry> entries = [];

    /// <summary>A creation is decided; it may have to wait for its turn.</summary>
    public void Expect(PoolKey pool, int slot)
    {
        lock (guard)
            entries[(pool, slot)] = new(time.GetUtcNow());
    }

    public void Created(PoolKey pool, int slot, string uid) => Answered(pool, slot, e => e with { Uid = uid });

    public void AlreadyExists(PoolKey pool, int slot) => Answered(pool, slot, e => e with { Exists = true });

    /// <summary>The slot holds a pod that the watch will never show.</summary>
    public void Foreign(PoolKey pool, int slot) =>
        Answered(pool, slot, e => e with { Exists = true, Foreign = true });

    /// <summary>It is certain that there is no such pod.</summary>
    public void Failed(PoolKey pool, int slot)
    {
        lock (guard)
            entries.Remove((pool, slot));
    }

    /// <summary>There may be such a pod or not: the slot stays taken, and is asked for again.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="retryAt">When.</param>
    public void Unknown(PoolKey pool, int slot, DateTimeOffset retryAt) =>
        Answered(pool, slot, e => e with { RetryAt = retryAt });

    /// <summary>The slots that are to be asked for again now; each is told once, as one that is expected.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="max">The slots above are none of the pool's any more.</param>
    public ImmutableArray<int> TakeDue(PoolKey pool, int max)
    {
        var now = time.GetUtcNow();
        lock (guard)
        {
            ImmutableArray<int> due =
            [
                .. entries
                    .Where(e => e.Key.Item1 == pool && e.Key.Item2 < max && e.Value.RetryAt <= now)
                    .Select(e => e.Key.Item2)
                    .Order(),
            ];
            foreach (var slot in due)
                entries[(pool, slot)] = entries[(pool, slot)] with { AnsweredAt = null, RetryAt = null };
            return due;
        }
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
                if (now - entry.AnsweredAt >= Patience)
                    entries.Remove(key);
            return [.. entries.Where(e => e.Key.Item1 == pool).Select(e => new PendingCreate(
                pool, e.Key.Item2, e.Value.At, e.Value.IsHidden(now)))];
        }
    }

    private void Answered(PoolKey pool, int slot, Func<Entry, Entry> change)
    {
        lock (guard)
            if (entries.TryGetValue((pool, slot), out var entry))
                entries[(pool, slot)] = change(entry with { AnsweredAt = time.GetUtcNow() });
    }

    /// <param name="At">When it was decided.</param>
    private sealed record Entry(DateTimeOffset At)
    {
        /// <summary>Null while it waits for its turn or its answer.</summary>
        public DateTimeOffset? AnsweredAt { get; init; }

        /// <summary>The pod's uid, if the API server has told it.</summary>
        public string? Uid { get; init; }

        /// <summary>Whether the API server says that the pod was there before.</summary>
        public bool Exists { get; init; }

        /// <summary>Whether that pod is somebody else's.</summary>
        public bool Foreign { get; init; }

        /// <summary>When to ask again, because nobody knows whether it was done.</summary>
        public DateTimeOffset? RetryAt { get; init; }

        public bool IsHidden(DateTimeOffset now) => Foreign || (Exists && now - AnsweredAt > WatchLag);
    }
}
