namespace RunnerScaler.Sandbox.GitHub;

/// <summary>All runner scale sets and their sessions. Not thread-safe: its owner locks.</summary>
internal sealed class ScaleSetBook(Ids ids, ScaleSetSettings settings)
{
    private readonly SortedDictionary<long, ScaleSetQueue> _sets = [];

    public IEnumerable<ScaleSet> In(RunnerScope scope) =>
        _sets.Values.Select(queue => queue.Set).Where(set => set.Scope == scope);

    /// <exception cref="ActionsRefusal">404: the scope has no such set.</exception>
    public ScaleSetQueue Get(RunnerScope scope, long id) =>
        _sets.TryGetValue(id, out var queue) && queue.Set.Scope == scope ? queue : throw ActionsRefusal.NoSet(id);

    /// <exception cref="ActionsRefusal">400: the group has a set of this name.</exception>
    public ScaleSet Add(RunnerScope scope, ScaleSetRequest request, string groupName, DateTimeOffset at)
    {
        var set = Change(new ScaleSet(0, scope, "", 0, "") { CreatedAt = at }, request, groupName) with
        {
            Id = ids.NextScaleSet(),
        };
        _sets.Add(set.Id, new ScaleSetQueue(set, settings));
        return set;
    }

    /// <exception cref="ActionsRefusal">400: the group has another set of this name.</exception>
    public ScaleSet Change(ScaleSet set, ScaleSetRequest request, string groupName)
    {
        var labels = request.Labels ?? set.Labels;
        set = set with
        {
            Name = request.Name ?? set.Name,
            GroupId = request.GroupId ?? set.GroupId,
            GroupName = groupName,
            DisableUpdate = request.DisableUpdate ?? set.DisableUpdate,
        };
        if (labels.Count == 0) labels = [set.Name];
        var twin = In(set.Scope).FirstOrDefault(other => other.Id != set.Id && other.GroupId == set.GroupId
            && other.Name.Equals(set.Name, StringComparison.OrdinalIgnoreCase));
        return twin is null
            ? set with { Labels = settings.KeepsOneLabel ? [labels[0]] : [.. labels] }
            : throw new ActionsRefusal(
                400, "RunnerScaleSetExistsException", $"A runner scale set named {set.Name} is there already.");
    }

    public void Remove(ScaleSet set) => _sets.Remove(set.Id);

    /// <summary>The sets that somebody polls, with what they have told of themselves.</summary>
    public List<ScaleSetQueue> Open(DateTimeOffset at) =>
        [.. _sets.Values.Where(queue => IsLive(queue.Session, at) && queue.Session!.Capacity is not null)];

    /// <exception cref="ActionsRefusal">409: there is a session.</exception>
    public ScaleSetSession OpenSession(ScaleSetQueue queue, string ownerName, DateTimeOffset at)
    {
        if (IsLive(queue.Session, at))
        {
            throw new ActionsRefusal(
                409,
                "RunnerScaleSetSessionConflictException",
                $"The runner scale set {queue.Set.Name} already has an active session for owner "
                    + $"{queue.Session!.OwnerName}.");
        }

        var session = new ScaleSetSession(new Guid(Convert.FromHexString(ids.Hex(32))), ownerName);
        Renew(session, at);
        queue.Begin(session);
        return session;
    }

    /// <summary>A new token for the queue; the old one is worth nothing.</summary>
    public void Renew(ScaleSetSession session, DateTimeOffset at)
    {
        session.QueueToken = ids.Hex(64);
        session.QueueTokenExpiresAt = at + settings.QueueTokenLife;
        session.HeardAt = at;
    }

    /// <summary>The session of a set, if it lives.</summary>
    public ScaleSetSession? Live(ScaleSetQueue queue, Guid sessionId, DateTimeOffset at) =>
        queue.Session?.Id == sessionId && IsLive(queue.Session, at) ? queue.Session : null;

    /// <summary>The set whose queue a token opens now; null when the session or the token is over.</summary>
    public ScaleSetQueue? OfToken(string token, DateTimeOffset at) => _sets.Values.FirstOrDefault(queue =>
        queue.Session?.QueueToken == token && IsLive(queue.Session, at) && queue.Session.QueueTokenExpiresAt > at);

    /// <summary>A job changed.</summary>
    public void Note(Job? old, Job job, DateTimeOffset at)
    {
        if (!job.AwaitsRunner || job.ScaleSetId is not null)
        {
            foreach (var queue in _sets.Values) queue.Withdraw(job.Id);
        }

        if (old is null) return;
        if (old.ScaleSetId is { } before && before != job.ScaleSetId && _sets.TryGetValue(before, out var former))
            former.Note(old, job, at);
        if (job.ScaleSetId is { } now && _sets.TryGetValue(now, out var present)) present.Note(old, job, at);
    }

    /// <summary>Whether a job that no runner took goes back into the queue once more.</summary>
    public bool MayLapseAgain(Job job) => job.SetAssignments <= settings.Requeues;

    private bool IsLive(ScaleSetSession? session, DateTimeOffset at) =>
        session is not null && session.HeardAt + settings.SessionDeadline > at;
}
