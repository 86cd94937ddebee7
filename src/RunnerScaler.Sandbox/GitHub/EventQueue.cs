namespace RunnerScaler.Sandbox.GitHub;

/// <summary>What happens by the passing of time alone.</summary>
internal enum ScheduledAction
{
    MatchJob,
    ExpireJob,
    RequeueJob,
    LapseSetAssignment,
    StartHosted,
    EndHosted,
    EndCancelled,
    MatchRunner,
    DropIdleRunner,
    NoticeOffline,
    LoseContact,
    ReapRunner,
}

/// <summary>An action planned for a job or a runner; void once that has changed since (its epoch moved on).</summary>
internal readonly record struct ScheduledEvent(ScheduledAction Action, long Id, int Epoch)
{
    public bool ConcernsRunner => Action >= ScheduledAction.MatchRunner;
}

/// <summary>What is planned, in order of time and then of planning.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<ScheduledEvent, (DateTimeOffset At, long Order)> _items = new();
    private long _order;

    public void Add(DateTimeOffset at, ScheduledEvent planned) => _items.Enqueue(planned, (at, _order++));

    /// <summary>The earliest that still holds; those that do not are thrown away on the way.</summary>
    public bool TryPeek(Func<ScheduledEvent, bool> holds, out DateTimeOffset at, out ScheduledEvent planned)
    {
        while (_items.TryPeek(out planned, out var priority))
        {
            if (holds(planned))
            {
                at = priority.At;
                return true;
            }

            _items.Dequeue();
        }

        at = default;
        return false;
    }

    /// <summary>Takes the earliest planned that still holds, if it is due.</summary>
    public bool TryTake(
        DateTimeOffset now, Func<ScheduledEvent, bool> holds, out DateTimeOffset at, out ScheduledEvent planned)
    {
        if (!TryPeek(holds, out at, out planned) || at > now) return false;
        _items.Dequeue();
        return true;
    }
}
