namespace RunnerScaler.Sandbox.GitHub;

/// <summary>Accounts, repositories and runner groups, found by name or id. Not thread-safe: its owner locks.</summary>
internal sealed class Catalog(Ids ids)
{
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> _repositoryIds = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> _formerNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<long, Repository> _repositories = [];
    private readonly HashSet<long> _removed = [];
    private readonly SortedDictionary<long, RunnerGroup> _groups = [];
    private readonly Dictionary<string, (Account Account, HashSet<long> Members)> _enterprises =
        new(StringComparer.OrdinalIgnoreCase);

    public Account AddAccount(string login, AccountKind kind)
    {
        if (_accounts.ContainsKey(login))
            throw new InvalidOperationException($"There is an account named '{login}' already.");
        var account = new Account(ids.NextAccount(), login, kind);
        _accounts.Add(login, account);
        if (kind == AccountKind.Organization) AddDefaultGroup(account);
        return account;
    }

    /// <summary>An enterprise of these organisations; its slug is no login.</summary>
    public Account AddEnterprise(string slug, IEnumerable<string> logins)
    {
        var enterprise = new Account(ids.NextAccount(), slug, AccountKind.Enterprise);
        _enterprises.Add(slug, (enterprise, logins.Select(login => Account(login).Id).ToHashSet()));
        AddDefaultGroup(enterprise);
        return enterprise;
    }

    public Account? FindEnterprise(string slug) =>
        _enterprises.TryGetValue(slug, out var known) ? known.Account : null;

    /// <summary>
    /// Whether runners of this account may serve the owner's repositories: it is the owner, or the owner's enterprise.
    /// </summary>
    public bool Covers(long accountId, Account owner) =>
        accountId == owner.Id
        || _enterprises.Values.Any(known => known.Account.Id == accountId && known.Members.Contains(owner.Id));

    public Repository AddRepository(string fullName, bool isPrivate, DateTimeOffset now)
    {
        if (fullName.Split('/') is not [var owner, var name])
            throw new ArgumentException($"'{fullName}' is no repository; write owner/name.", nameof(fullName));
        if (_repositoryIds.ContainsKey(fullName))
            throw new InvalidOperationException($"There is a repository '{fullName}' already.");
        var repository = new Repository(ids.NextRepository(), Account(owner), name)
        {
            Private = isPrivate,
            CreatedAt = now,
            PushedAt = now,
        };
        _repositoryIds.Add(fullName, repository.Id);
        _repositories.Add(repository.Id, repository);
        return repository;
    }

    /// <summary>Gives a repository another name; the old one leads to it until somebody takes it.</summary>
    public Repository Rename(Repository repository, string name)
    {
        var renamed = repository with { Name = name };
        _repositoryIds.Remove(repository.FullName);
        _formerNames[repository.FullName] = repository.Id;
        _repositoryIds.Add(renamed.FullName, renamed.Id);
        _repositories[renamed.Id] = renamed;
        return renamed;
    }

    /// <summary>Nobody finds it any more; only what was there of it still knows it.</summary>
    public void Remove(Repository repository)
    {
        _repositoryIds.Remove(repository.FullName);
        _removed.Add(repository.Id);
    }

    /// <summary>The repository that had this name before it was renamed.</summary>
    public Repository? FindFormer(string fullName) =>
        _formerNames.TryGetValue(fullName, out var id) ? FindRepository(id) : null;

    public Repository? FindRepository(long id) =>
        _removed.Contains(id) ? null : _repositories.GetValueOrDefault(id);

    public RunnerGroup NewGroup(Account account, string name) => new(ids.NextGroup(), account.Id, name);

    public void AddGroup(RunnerGroup group) => _groups.Add(group.Id, group);

    public void Put(RunnerGroup group) => _groups[group.Id] = group;

    public void Put(Repository repository) => _repositories[repository.Id] = repository;

    public Account? FindAccount(string login) => _accounts.GetValueOrDefault(login);

    public Account Account(string login) => FindAccount(login) ?? throw GitHubRefusal.NotFound();

    public Repository? FindRepository(string fullName) =>
        _repositoryIds.TryGetValue(fullName, out var id) ? _repositories[id] : null;

    public Repository Repository(string fullName) => FindRepository(fullName) ?? throw GitHubRefusal.NotFound();

    public Repository Repository(long id) =>
        _repositories.TryGetValue(id, out var repository) ? repository : throw GitHubRefusal.NotFound();

    public IEnumerable<Repository> RepositoriesOf(Account account) =>
        _repositories.Values.Where(
            repository => repository.Owner.Id == account.Id && !_removed.Contains(repository.Id));

    public IEnumerable<RunnerGroup> GroupsOf(Account account) => GroupsOf(account.Id);

    public IEnumerable<RunnerGroup> GroupsOf(long accountId) =>
        _groups.Values.Where(group => group.AccountId == accountId);

    public RunnerGroup? FindGroup(long id) => _groups.GetValueOrDefault(id);

    /// <summary>
    /// Reads <c>login</c>, <c>owner/name</c> or <c>enterprises/slug</c>. A user has no runners of its own: 404.
    /// </summary>
    public RunnerScope Scope(string scope)
    {
        if (scope.Split('/') is ["enterprises", var slug])
            return new RunnerScope((FindEnterprise(slug) ?? throw GitHubRefusal.NotFound()).Id, null);
        if (scope.Contains('/'))
        {
            var repository = Repository(scope);
            return new RunnerScope(repository.Owner.Id, repository.Id);
        }

        var account = Account(scope);
        return account.Kind == AccountKind.Organization
            ? new RunnerScope(account.Id, null)
            : throw GitHubRefusal.NotFound();
    }

    private void AddDefaultGroup(Account account) => AddGroup(NewGroup(account, RunnerGroup.DefaultName) with
    {
        Default = true,
        AllowsPublicRepositories = true,
        OfEnterprise = account.Kind == AccountKind.Enterprise,
    });
}
