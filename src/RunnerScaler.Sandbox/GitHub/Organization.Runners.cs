namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    /// <summary>
    /// From when on no runner of any version is registered, and given jobs; null where GitHub does not tell.
    /// </summary>
    public (DateTimeOffset? Registration, DateTimeOffset? Jobs)? VersionEnd { get; set; } = (null, null);

    /// <summary>Registers an ephemeral runner at once (offline) and returns what it needs to connect.</summary>
    /// <exception cref="GitHubRefusal">
    /// 404: no such scope; 409: the name is taken in the scope; 422: no such group, or bad labels or name.
    /// </exception>
    public JitRegistration CreateJitConfig(string scope, JitRequest request)
    {
        lock (_gate)
        {
            var now = Applied();
            var place = _catalog.Scope(scope);
            Validate(request);
            return _roster.Register(place, request, GroupName(place, request.GroupId), now);
        }
    }

    /// <summary>Removes a registration; its runner program notices at its next poll.</summary>
    /// <exception cref="GitHubRefusal">404: no such runner in the scope; 422: it has a job.</exception>
    public void DeleteRunner(string scope, long runnerId)
    {
        lock (_gate)
        {
            Applied();
            var runner = _roster.Find(runnerId);
            if (runner is null || runner.Scope != _catalog.Scope(scope)) throw GitHubRefusal.NotFound();
            if (runner.Busy)
                throw new GitHubRefusal(422, $"Runner \"{runner.Name}\" is still running a job and cannot be deleted.");
            _roster.Remove(runner);
        }
    }

    /// <summary>The runners registered in a scope, oldest first; with a name, the one of exactly this name.</summary>
    public IReadOnlyList<Runner> RunnersOf(string scope, string? name = null)
    {
        lock (_gate)
        {
            Applied();
            var runners = _roster.In(_catalog.Scope(scope));
            if (name is not null)
                runners = runners.Where(runner => runner.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            return [.. runners];
        }
    }

    /// <summary>A runner of a scope; null when it is not registered there.</summary>
    public Runner? FindRunner(string scope, long runnerId)
    {
        lock (_gate)
        {
            Applied();
            var runner = _roster.Find(runnerId);
            return runner?.Scope == _catalog.Scope(scope) ? runner : null;
        }
    }

    /// <summary>All registrations of all scopes, oldest first.</summary>
    public IReadOnlyList<Runner> AllRunners()
    {
        lock (_gate)
        {
            Applied();
            return [.. _roster.All];
        }
    }

    private string GroupName(RunnerScope scope, long groupId)
    {
        if (scope.RepositoryId is not null)
        {
            return groupId == RunnerGroup.RepositoryLevelId
                ? RunnerGroup.DefaultName
                : throw new GitHubRefusal(422, "Runner groups cannot be chosen for a repository; send 1.");
        }

        return _catalog.FindGroup(groupId) is { } group && group.AccountId == scope.AccountId
            ? group.Name
            : throw new GitHubRefusal(422, $"Runner group {groupId} does not exist.");
    }

    private static void Validate(JitRequest request)
    {
        if (request.Name.Length is 0 or > 64)
            throw new GitHubRefusal(422, "The name of a runner has 1 to 64 characters.");
        if (request.Labels.Count is 0 or > 100)
            throw new GitHubRefusal(422, "A runner has 1 to 100 labels.");
        if (request.Labels.Any(label => label.Length is 0 or > 256))
            throw new GitHubRefusal(422, "A label has 1 to 256 characters.");
    }
}
