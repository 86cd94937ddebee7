namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    /// <summary>Makes a runner scale set in a scope.</summary>
    /// <exception cref="ActionsRefusal">
    /// 400: the name is taken in the group, or missing, or there is no such group.
    /// </exception>
    public ScaleSet AddScaleSet(string scope, ScaleSetRequest request)
    {
        lock (_gate)
        {
            var now = Applied();
            _changes++;
            var place = _catalog.Scope(scope);
            if (string.IsNullOrEmpty(request.Name)) throw ActionsRefusal.Invalid("A runner scale set has a name.");
            var group = SetGroup(place, request.GroupId);
            return _sets.Add(place, request with { GroupId = group.Id }, group.Name, now);
        }
    }

    /// <summary>Changes name, group, labels or settings of a set.</summary>
    /// <exception cref="ActionsRefusal">404: no such set; 400: as for <see cref="AddScaleSet"/>.</exception>
    public ScaleSet ChangeScaleSet(string scope, long id, ScaleSetRequest request)
    {
        lock (_gate)
        {
            Applied();
            _changes++;
            var place = _catalog.Scope(scope);
            var queue = _sets.Get(place, id);
            var group = SetGroup(place, request.GroupId ?? queue.Set.GroupId);
            return queue.Set = _sets.Change(queue.Set, request, group.Name);
        }
    }

    /// <summary>
    /// Removes a set, its session and its idle runners; jobs that have not started wait for others again.
    /// </summary>
    public void DeleteScaleSet(string scope, long id)
    {
        lock (_gate)
        {
            var now = Applied();
            _changes++;
            var queue = _sets.Get(_catalog.Scope(scope), id);
            foreach (var job in queue.Jobs.Where(job => job.Status == JobStatus.Queued))
                _dispatcher.TakeFromSet(job, now);
            foreach (var runner in RunnersOf(queue.Set).Where(runner => !runner.Busy)) _roster.Remove(runner);
            _sets.Remove(queue.Set);
        }
    }

    /// <summary>The sets of a scope, oldest first.</summary>
    public IReadOnlyList<ScaleSet> ScaleSetsOf(string scope)
    {
        lock (_gate) return [.. _sets.In(_catalog.Scope(scope))];
    }

    /// <exception cref="ActionsRefusal">404: no such set.</exception>
    public (ScaleSet Set, ScaleSetStatistics Statistics) GetScaleSet(string scope, long id)
    {
        lock (_gate)
        {
            Applied();
            var queue = _sets.Get(_catalog.Scope(scope), id);
            return (queue.Set, queue.Count(RunnersOf(queue.Set)));
        }
    }

    /// <summary>The runner groups of a scope; a repository has one.</summary>
    public IReadOnlyList<RunnerGroup> SetGroupsOf(string scope)
    {
        lock (_gate)
        {
            var place = _catalog.Scope(scope);
            return place.RepositoryId is null ? [.. _catalog.GroupsOf(place.AccountId)] : [OfRepository(place)];
        }
    }

    /// <summary>Opens the session of a set.</summary>
    /// <exception cref="ActionsRefusal">404: no such set; 409: somebody has a session.</exception>
    public SessionAnswer OpenSetSession(string scope, long id, string ownerName)
    {
        lock (_gate)
        {
            var now = Applied();
            var queue = _sets.Get(_catalog.Scope(scope), id);
            return Opened(queue, _sets.OpenSession(queue, ownerName, now));
        }
    }

    /// <summary>A new token, and maybe another address, for the queue of a session.</summary>
    /// <exception cref="ActionsRefusal">404: no such set, or the session is over.</exception>
    public SessionAnswer RefreshSetSession(string scope, long id, Guid sessionId)
    {
        lock (_gate)
        {
            var now = Applied();
            var queue = _sets.Get(_catalog.Scope(scope), id);
            if (_sets.Live(queue, sessionId, now) is not { } session)
                throw new ActionsRefusal(404, "RunnerScaleSetSessionNotFoundException", "The session is over.");
            _sets.Renew(session, now);
            return Opened(queue, session);
        }
    }

    /// <exception cref="ActionsRefusal">404: no such set; 400: the session is over.</exception>
    public void CloseSetSession(string scope, long id, Guid sessionId)
    {
        lock (_gate)
        {
            var now = Applied();
            var queue = _sets.Get(_catalog.Scope(scope), id);
            if (_sets.Live(queue, sessionId, now) is null) throw ActionsRefusal.SessionExpired(sessionId);
            queue.End();
        }
    }

    /// <summary>Ends the session of a set as if GitHub had lost it.</summary>
    public void LoseSetSession(string queueToken)
    {
        lock (_gate)
        {
            if (_sets.OfToken(queueToken, Applied()) is { } queue) queue.End();
        }
    }

    /// <summary>The queue of a session has another address from now on; its token is good for nothing there.</summary>
    public void MoveSetQueue(string queueToken)
    {
        lock (_gate)
        {
            if (_sets.OfToken(queueToken, Applied()) is { Session: { } session })
                (session.Place, session.QueueTokenExpiresAt) = (session.Place + 1, DateTimeOffset.MinValue);
        }
    }

    /// <summary>Registers an ephemeral runner that belongs to a set.</summary>
    /// <exception cref="ActionsRefusal">404: no such set; 409: the name is taken; 400: it is none.</exception>
    public JitRegistration CreateSetJitConfig(string scope, long id, string name, string workFolder)
    {
        lock (_gate)
        {
            var now = Applied();
            var place = _catalog.Scope(scope);
            var set = _sets.Get(place, id).Set;
            var request = new JitRequest(name, set.GroupId, set.Labels, workFolder) { ScaleSetId = set.Id };
            try
            {
                Validate(request);
                return _roster.Register(place, request, set.GroupName, now);
            }
            catch (GitHubRefusal refusal)
            {
                throw refusal.StatusCode == 409
                    ? new ActionsRefusal(409, "TaskAgentExistsException", refusal.Message)
                    : ActionsRefusal.Invalid(refusal.Message);
            }
        }
    }

    private SessionAnswer Opened(ScaleSetQueue queue, ScaleSetSession session) =>
        new(queue.Set, session.Copy(), queue.Count(RunnersOf(queue.Set)));

    private List<Runner> RunnersOf(ScaleSet set) => [.. _roster.All.Where(runner => runner.ScaleSetId == set.Id)];

    private RunnerGroup SetGroup(RunnerScope scope, long? id)
    {
        var groups = scope.RepositoryId is null ? _catalog.GroupsOf(scope.AccountId) : [OfRepository(scope)];
        return groups.FirstOrDefault(group => id is null ? group.Default : group.Id == id)
            ?? throw ActionsRefusal.Invalid($"There is no runner group {id}.");
    }

    private static RunnerGroup OfRepository(RunnerScope scope) =>
        new(RunnerGroup.RepositoryLevelId, scope.AccountId, RunnerGroup.DefaultName) { Default = true };
}
