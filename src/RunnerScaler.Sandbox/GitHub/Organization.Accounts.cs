namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    /// <summary>Adds an organisation; it has a runner group named Default.</summary>
    public Account AddOrganization(string login) => AddAccount(login, AccountKind.Organization);

    /// <summary>Adds a user; users have runners only at their repositories.</summary>
    public Account AddUser(string login) => AddAccount(login, AccountKind.User);

    /// <summary>Adds an enterprise with its organisations; as a scope it is <c>enterprises/slug</c>.</summary>
    public Account AddEnterprise(string slug, params IEnumerable<string> organizations)
    {
        lock (_gate)
        {
            _changes++;
            return _catalog.AddEnterprise(slug, organizations);
        }
    }

    public Account? FindEnterprise(string slug)
    {
        lock (_gate) return _catalog.FindEnterprise(slug);
    }

    /// <param name="fullName"><c>owner/name</c>; the owner exists.</param>
    public Repository AddRepository(string fullName, bool isPrivate = true)
    {
        lock (_gate)
        {
            _changes++;
            return _catalog.AddRepository(fullName, isPrivate, Applied());
        }
    }

    /// <summary>Archives a repository, switches it off, or neither.</summary>
    public Repository SetRepository(string fullName, bool archived = false, bool disabled = false)
    {
        lock (_gate)
        {
            var repository = _catalog.Repository(fullName) with { Archived = archived, Disabled = disabled };
            _catalog.Put(repository);
            _changes++;
            return repository;
        }
    }

    /// <summary>Renames a repository; requests for its old name are redirected.</summary>
    public Repository RenameRepository(string fullName, string name)
    {
        lock (_gate)
        {
            _changes++;
            return _catalog.Rename(_catalog.Repository(fullName), name);
        }
    }

    /// <summary>Deletes a repository with its idle runners: nothing of it can be asked for any more.</summary>
    public void DeleteRepository(string fullName)
    {
        lock (_gate)
        {
            Applied();
            var idle = _roster.In(_catalog.Scope(fullName)).Where(runner => !runner.Busy).ToList();
            idle.ForEach(_roster.Remove);
            _catalog.Remove(_catalog.Repository(fullName));
            _changes++;
        }
    }

    /// <summary>Adds a runner group to an organisation.</summary>
    /// <param name="selected">The repositories it is open to; needs <see cref="GroupVisibility.Selected"/>.</param>
    public RunnerGroup AddRunnerGroup(
        string login,
        string name,
        GroupVisibility visibility = GroupVisibility.All,
        bool allowsPublicRepositories = false,
        params IEnumerable<string> selected)
    {
        lock (_gate)
        {
            var group = _catalog.NewGroup(_catalog.Account(login), name) with
            {
                Visibility = visibility,
                AllowsPublicRepositories = allowsPublicRepositories,
                Selected = selected.Select(fullName => _catalog.Repository(fullName).Id).ToHashSet(),
            };
            _catalog.AddGroup(group);
            _changes++;
            return group;
        }
    }

    /// <summary>
    /// Changes to whom a group of an organisation is open. Jobs that wait may be given to its runners at once.
    /// </summary>
    public RunnerGroup ChangeRunnerGroup(string login, string name, Func<RunnerGroup, RunnerGroup> change)
    {
        lock (_gate)
        {
            var now = Applied();
            var group = _catalog.GroupsOf(_catalog.Account(login)).First(g => g.Name == name);
            group = change(group);
            _catalog.Put(group);
            foreach (var runner in _roster.All.Where(r => r.GroupId == group.Id && !r.Busy).ToList())
                _roster.Wake(runner, now);
            _changes++;
            return group;
        }
    }

    public Account? FindAccount(string login)
    {
        lock (_gate) return _catalog.FindAccount(login);
    }

    public Repository? FindRepository(string fullName)
    {
        lock (_gate) return _catalog.FindRepository(fullName);
    }

    public Repository? FindRepository(long id)
    {
        lock (_gate) return _catalog.FindRepository(id);
    }

    /// <summary>The repository that had this name before it was renamed.</summary>
    public Repository? FindFormerRepository(string fullName)
    {
        lock (_gate) return _catalog.FindFormer(fullName);
    }

    public Repository RepositoryOf(Run run)
    {
        lock (_gate) return _catalog.Repository(run.RepositoryId);
    }

    public Repository RepositoryOf(Job job)
    {
        lock (_gate) return _catalog.Repository(job.RepositoryId);
    }

    /// <summary>By age, the oldest first.</summary>
    public IReadOnlyList<Repository> RepositoriesOf(string login)
    {
        lock (_gate) return [.. _catalog.RepositoriesOf(_catalog.Account(login))];
    }

    /// <param name="visibleTo">When given, only groups that this repository (<c>owner/name</c>) may use.</param>
    public IReadOnlyList<RunnerGroup> RunnerGroupsOf(string login, string? visibleTo = null)
    {
        lock (_gate)
        {
            var groups = _catalog.GroupsOf(_catalog.Account(login));
            if (visibleTo is null) return [.. groups];
            var repository = _catalog.Repository(visibleTo);
            return [.. groups.Where(group => group.IsVisibleTo(repository))];
        }
    }

    private Account AddAccount(string login, AccountKind kind)
    {
        lock (_gate)
        {
            _changes++;
            return _catalog.AddAccount(login, kind);
        }
    }
}
