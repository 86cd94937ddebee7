namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// The latest changes of one type, oldest dropped first. A position is the count of changes ever logged before it,
/// so that a reader keeps its place however much is dropped.
/// </summary>
/// <param name="from">The version at which the log begins: nothing is known of changes up to it.</param>
internal sealed class ChangeLog(int capacity, long from)
{
    private readonly Change[] ring = new Change[capacity];
    private long start;
    private long end;
    private long floor = from;
    private TaskCompletionSource changed = NewSignal();

    /// <summary>Completes at the next change.</summary>
    public Task Changed => changed.Task;

    public long End => end;

    public void Add(Change change)
    {
        if (end - start == capacity)
            DropOldest();
        ring[end % capacity] = change;
        end++;
        Wake();
    }

    /// <summary>Forgets everything: every reader of an older version gets 410, even one that had seen all.</summary>
    public void Compact(long version)
    {
        end++;
        start = end;
        floor = version;
        Wake();
    }

    /// <summary>The position after all changes up to a version.</summary>
    /// <exception cref="KubeFailure">410 when changes after that version were dropped.</exception>
    public long PositionAfter(long version)
    {
        if (version < floor)
            throw KubeFailure.Expired($"too old resource version: {version} ({floor})");
        var (low, high) = (start, end);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (ring[middle % capacity].Version <= version)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The change at a position, or null when the reader has seen all.</summary>
    /// <exception cref="KubeFailure">410 when the change was dropped.</exception>
    public Change? At(long position)
    {
        if (position < start)
            throw KubeFailure.Expired($"too old resource version: the changes up to {floor} are gone");
        return position < end ? ring[position % capacity] : null;
    }

    /// <summary>The changes after a version, newest first.</summary>
    /// <exception cref="KubeFailure">410 when some of them were dropped.</exception>
    public IEnumerable<Change> NewestFirst(long downTo)
    {
        var stop = PositionAfter(downTo);
        for (var i = end - 1; i >= stop; i--)
            yield return ring[i % capacity];
    }

    private void DropOldest()
    {
        floor = ring[start % capacity].Version;
        start++;
    }

    private void Wake()
    {
        var waiting = changed;
        changed = NewSignal();
        waiting.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
