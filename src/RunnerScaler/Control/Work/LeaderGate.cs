namespace RunnerScaler.Control.Work;

/// <summary>
/// Whether this replica may write. A lease is a deadline, not a flag: the gate closes by itself when the time that the
/// last renewal bought has passed on the monotonic clock, whatever the election is doing.
/// </summary>
internal sealed class LeaderGate(TimeProvider time)
{
    /// <summary>How long a follower sends a pod away: by then it may reach the leader.</summary>
    internal static readonly TimeSpan AskTheLeader = TimeSpan.FromSeconds(1);

    private readonly Lock guard = new();
    private long? heldUntil;
    private DateTimeOffset openSince;
    private volatile Leader? leader;

    /// <summary>Tells of each gain and loss: true when the gate opened, false when it closed.</summary>
    public event Action<bool>? Changed;

    public bool IsOpen
    {
        get
        {
            lock (guard)
                return heldUntil is { } until && time.GetTimestamp() < until;
        }
    }

    /// <summary>When the gate opened last: what only this process's memory knows cannot be older.</summary>
    public DateTimeOffset OpenSince
    {
        get
        {
            lock (guard)
                return openSince;
        }
    }

    /// <summary>Who leads, as far as this replica has seen; null for nobody.</summary>
    public Leader? Leader => leader;

    /// <summary>
    /// Opens the gate, or keeps it open. One that closed by itself meanwhile opens anew, and both are told: another
    /// replica may have led in between. A renewal whose time is over already does nothing.
    /// </summary>
    /// <param name="sentAt">The time stamp taken <em>before</em> the renewal was sent: the lease runs from
    /// then.</param>
    /// <param name="duration">How long the gate may stay open from there: less than the lease's own duration.</param>
    public void Hold(long sentAt, TimeSpan duration)
    {
        bool wasHeld, lapsed;
        lock (guard)
        {
            var now = time.GetTimestamp();
            var until = sentAt + (long)(duration.TotalSeconds * time.TimestampFrequency);
            if (until <= now)
                return;
            wasHeld = heldUntil is not null;
            lapsed = heldUntil <= now;
            if (!wasHeld || lapsed)
                openSince = time.GetUtcNow();
            heldUntil = until;
        }
        if (lapsed)
            Changed?.Invoke(false);
        if (!wasHeld || lapsed)
            Changed?.Invoke(true);
    }

    /// <summary>The lease is this one's; empty for nobody's.</summary>
    public void Saw(string holder, Uri? address) => leader = holder.Length == 0 ? null : new(holder, address);

    public void Close()
    {
        bool closed;
        lock (guard)
        {
            closed = heldUntil is not null;
            heldUntil = null;
        }
        if (closed)
            Changed?.Invoke(false);
    }

    /// <exception cref="LeadershipLostException">This replica may not write.</exception>
    public void ThrowIfClosed()
    {
        if (!IsOpen)
            throw new LeadershipLostException();
    }
}

/// <summary>The replica that leads, as the lease tells of it.</summary>
/// <param name="Name">Its name, which is that of its pod, a hyphen, and eight characters.</param>
/// <param name="Address">Where it answers questions; null if it does not say so.</param>
internal sealed record Leader(string Name, Uri? Address);
