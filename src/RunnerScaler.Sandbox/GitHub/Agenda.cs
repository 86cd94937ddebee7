namespace RunnerScaler.Sandbox.GitHub;

/// <summary>What happens by the passing of time alone.</summary>
internal enum Deed
{
    MatchJob,
    ExpireJob,
    RequeueJob,
    StartHosted,
    EndHosted,
    EndCancelled,
    MatchRunner,
    DropIdleRunner,
    NoticeOffline,
    LoseContact,
    ReapRunner,
}

/// <summary>A deed planned for a job or a runner; void once that has changed since (its epoch moved on).</summary>
internal readonly record struct Appointment(Deed Deed, long Id, int Epoch)
{
    public bool ConcernsRunner => Deed >= Deed.MatchRunner;
}

/// <summary>What is planned, in order of time and then of planning.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Appointment, (DateTimeOffset At, long Order)> _items = new();
    private long _order;

    public void Add(DateTimeOffset at, Appointment appointment) => _items.Enqueue(appointment, (at, _order++));

    /// <summary>The earliest appointment that still holds; those that do not are thrown away on the way.</summary>
    public bool TryPeek(Func<Appointment, bool> holds, out DateTimeOffset at, out Appointment appointment)
    {
        while (_items.TryPeek(out appointment, out var priority))
        {
            if (holds(appointment))
            {
                at = priority.At;
                return true;
            }

            _items.Dequeue();
        }

        at = default;
        return false;
    }

    /// <summary>Takes the earliest appointment that still holds, if it is due.</summary>
    public bool TryTake(
        DateTimeOffset now, Func<Appointment, bool> holds, out DateTimeOffset at, out Appointment appointment)
    {
        if (!TryPeek(holds, out at, out appointment) || at > now) return false;
        _items.Dequeue();
        return true;
    }
}
