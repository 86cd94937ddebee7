using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// A watch: a place in the log of one type's changes. It holds no resources and needs no disposal. Synchronous to
/// read, so that a simulation decides when (and how late) a watcher sees what happened.
/// </summary>
internal sealed class WatchCursor
{
    private readonly Lock gate;
    private readonly ChangeLog log;
    private readonly Selector selector;
    private readonly Queue<WatchEvent> initial;
    private readonly Func<long> currentVersion;
    private long position;

    public WatchCursor(
        Lock gate, ChangeLog log, Selector selector, long position, IEnumerable<WatchEvent> initial,
        Func<long> currentVersion)
    {
        this.gate = gate;
        this.log = log;
        this.selector = selector;
        this.position = position;
        this.initial = new Queue<WatchEvent>(initial);
        this.currentVersion = currentVersion;
    }

    /// <summary>Takes the next event; false when all is seen.</summary>
    /// <exception cref="KubeFailure">410 when the reader is so late that events were dropped.</exception>
    public bool TryNext(out WatchEvent next)
    {
        lock (gate)
        {
            if (initial.TryDequeue(out next!))
                return true;
            while (log.At(position) is { } change)
            {
                position++;
                if (change.SeenBy(selector) is { } seen)
                {
                    next = seen;
                    return true;
                }
            }
        }
        next = null!;
        return false;
    }

    /// <summary>Completes when there may be something to read: at once, or at the next change of the type.</summary>
    public Task WaitAsync()
    {
        lock (gate)
            return initial.Count > 0 || position < log.End ? Task.CompletedTask : log.Changed;
    }

    /// <summary>
    /// The version up to which this reader has seen everything, for a bookmark; null while events are unread.
    /// </summary>
    public long? SeenVersion()
    {
        lock (gate)
            return initial.Count > 0 || position < log.End ? null : currentVersion();
    }

    /// <summary>A bookmark object of a type at a version.</summary>
    public static JsonObject Bookmark(ResourceType type, long version) => new()
    {
        ["kind"] = type.Kind,
        ["apiVersion"] = type.ApiVersion,
        ["metadata"] = new JsonObject
        {
            ["resourceVersion"] = Versions.Write(version),
            ["creationTimestamp"] = null,
        },
    };
}
