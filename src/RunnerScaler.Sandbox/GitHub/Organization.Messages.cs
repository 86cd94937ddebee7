namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    /// <summary>Looks for the next message of a set; jobs that the set has room for are assigned to it first.</summary>
    /// <param name="queueToken">Of the set's session.</param>
    /// <param name="lastId">The newest message that the caller knows; 0 for none.</param>
    /// <param name="capacity">What the poll says that the set can have.</param>
    /// <returns>Null when there is none now.</returns>
    /// <exception cref="ActionsRefusal">401: the token or the session is over.</exception>
    public ScaleSetMessage? NextMessage(string queueToken, long lastId, ScaleSetCapacity capacity)
    {
        lock (_gate)
        {
            var now = Applied();
            var queue = QueueOf(queueToken, now);
            queue.Session!.HeardAt = now;
            if (queue.Session.Capacity != capacity || queue.FilledAt != _book.Changes + _changes)
            {
                queue.Session.Capacity = capacity;
                _dispatcher.FillSets(now);
                queue.FilledAt = _book.Changes + _changes;
            }

            return queue.Next(lastId, queue.Count(RunnersOf(queue.Set)));
        }
    }

    /// <summary>Delivers a message once more, to the next poll.</summary>
    public void RepeatMessage(string queueToken, ScaleSetMessage message)
    {
        lock (_gate) QueueOf(queueToken, Applied()).Repeat(message);
    }

    /// <summary>The message with the statistics of the one before it.</summary>
    public ScaleSetMessage WithStatisticsBefore(string queueToken, ScaleSetMessage message)
    {
        lock (_gate) return message with { Statistics = QueueOf(queueToken, Applied()).ToldBefore };
    }

    /// <summary>The set of a queue and where the queue is.</summary>
    /// <exception cref="ActionsRefusal">401: the token or the session is over.</exception>
    public (Guid SessionId, int Place) PlaceOf(string queueToken)
    {
        lock (_gate)
        {
            var session = QueueOf(queueToken, Applied()).Session!;
            return (session.Id, session.Place);
        }
    }

    /// <summary>Forgets a message that was handled.</summary>
    /// <exception cref="ActionsRefusal">401: the token or the session is over.</exception>
    public void AcknowledgeMessage(string queueToken, long messageId)
    {
        lock (_gate) QueueOf(queueToken, Applied()).Acknowledge(messageId);
    }

    /// <summary>Assigns jobs that were offered to a set to it.</summary>
    /// <returns>The requests that it has now; the others are not to be had any more.</returns>
    /// <exception cref="ActionsRefusal">404: no such set; 401: the token or the session is over.</exception>
    public IReadOnlyList<long> AcquireJobs(long setId, string queueToken, IReadOnlyList<long> requests)
    {
        lock (_gate)
        {
            var now = Applied();
            var queue = QueueOf(queueToken, now);
            if (queue.Set.Id != setId) throw ActionsRefusal.NoSet(setId);
            var acquired = requests.Where(request => queue.IsOffered(Job.IdOf(request))).Distinct().ToList();
            foreach (var request in acquired)
                _dispatcher.Assign(queue.Set, _book.FindJob(Job.IdOf(request))!, now);
            return acquired;
        }
    }

    private ScaleSetQueue QueueOf(string queueToken, DateTimeOffset now) =>
        _sets.OfToken(queueToken, now) ?? throw ActionsRefusal.Unauthorized("The message queue token has expired.");
}
