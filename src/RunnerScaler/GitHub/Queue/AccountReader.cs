using System.Collections.Concurrent;
using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Reads the queue of one account, a part at a time: the repositories whose turn it is.</summary>
internal sealed class AccountReader(
    AccountKey key, GitHubOptions options, TimeProvider time, Random random, ReadingLog log)
{
    private static readonly TimeSpan UrgentLeast = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PausedPeriod = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Watchlist watchlist = new(options, time);
    private readonly Dictionary<RepositoryKey, WatchedRepository> repositories = [];
    private readonly ConcurrentDictionary<string, Fault> limits = new(StringComparer.Ordinal);
    private ImmutableArray<(string Owner, Fault Fault)> standing = [];
    private string? version;
    private volatile bool doubtful;

    /// <summary>The same as <see cref="IJobSource.ReadAsync"/>, for one account whose credential is known.</summary>
    public async Task<TimeSpan> ReadAsync(
        Account account,
        ImmutableArray<Scope> scopes,
        IReadOnlySet<RepositoryKey> urgent,
        Action<JobObservation> observe,
        CancellationToken cancel)
    {
        limits.Clear();
        Renew(account);
        var discovered = await watchlist.RefreshAsync(
            account, scopes, (e, scope) => FaultOf(account, e, $"the repositories of '{scope.Owner}'", scope), cancel);
        if (discovered)
            Watch(observe);

        var plan = Plan(account);
        await Workers.ForEachAsync(
            Due(plan, urgent),
            options.ReadParallelism,
            (r, token) => ReadAsync(account, r, urgent.Contains(r.Key), observe, token),
            cancel);
        if (doubtful)
            watchlist.Doubt();
        doubtful = false;
        TellFaults(observe);
        return Wait(Plan(account), urgent);
    }

    /// <summary>What was put off because of a credential is tried at once with another.</summary>
    private void Renew(Account account)
    {
        if (version is not null && version != account.Version)
            foreach (var repository in repositories.Values)
                repository.Postpone(default, null);
        version = account.Version;
    }

    /// <summary>The account as a whole has no credential.</summary>
    public TimeSpan Tell(Fault fault, Action<JobObservation> observe)
    {
        log.Fault(key, "all", fault);
        standing = [("", fault)];
        observe(new JobObservation.AccountUnread(key, fault, time.GetUtcNow()));
        return TimeSpan.FromSeconds(5);
    }

    private void Watch(Action<JobObservation> observe)
    {
        var found = watchlist.Found.ToDictionary(f => f.Key);
        foreach (var left in repositories.Keys.Where(k => !found.ContainsKey(k)).ToArray())
            repositories.Remove(left);
        foreach (var (name, repository) in found)
        {
            if (!repositories.TryGetValue(name, out var watched))
                repositories.Add(name, watched = new WatchedRepository(name, repository.OfOrganization));
            (watched.PushedAt, watched.OfOrganization) = (repository.PushedAt, repository.OfOrganization);
        }
        TellWatched(observe);
        foreach (var (missing, fault) in watchlist.Missing)
        {
            log.Fault(key, missing.ToString(), fault);
            observe(new JobObservation.RepositoryUnread(key, missing, fault, time.GetUtcNow()));
        }
        Tell(standing, observe);
    }

    /// <summary>Tells which repositories are watched, which ends all faults told before.</summary>
    private void TellWatched(Action<JobObservation> observe)
    {
        if (watchlist.HasAny)
            observe(new JobObservation.AccountRead(key, [.. repositories.Keys], watchlist.ReadAt ?? time.GetUtcNow())
            {
                Public = [.. watchlist.Found.Where(f => f.IsPublic).Select(f => f.Key)],
            });
    }

    private void Tell(ImmutableArray<(string Owner, Fault Fault)> faults, Action<JobObservation> observe)
    {
        foreach (var (owner, fault) in faults)
        {
            log.Fault(key, owner.Length == 0 ? "all" : owner, fault);
            observe(new JobObservation.AccountUnread(key, fault, time.GetUtcNow(), owner.Length == 0 ? null : owner));
        }
    }

    private PollPlan Plan(Account account)
    {
        var now = time.GetUtcNow();
        var costs = new Dictionary<Tier, double>();
        foreach (var repository in repositories.Values)
        {
            var tier = repository.TierAt(options, now);
            costs[tier] = costs.GetValueOrDefault(tier) + repository.Cost;
        }
        var stretch = repositories.Keys.Select(k => k.Owner).Distinct()
            .Select(o => account.BudgetOf(o).Stretch)
            .DefaultIfEmpty(1)
            .Max();
        return PollPlan.For(options, costs, stretch);
    }

    private DateTimeOffset DueAt(WatchedRepository repository, PollPlan plan, IReadOnlySet<RepositoryKey> urgent)
    {
        var due = repository.DueAt(plan[repository.TierAt(options, time.GetUtcNow())]);
        var soon = urgent.Contains(repository.Key) ? repository.UrgentAt(UrgentLeast) : due;
        return soon < due ? soon : due;
    }

    private List<WatchedRepository> Due(PollPlan plan, IReadOnlySet<RepositoryKey> urgent)
    {
        var now = time.GetUtcNow();
        return [.. repositories.Values
            .Select(r => (Repository: r, At: DueAt(r, plan, urgent)))
            .Where(d => d.At <= now)
            .OrderBy(d => urgent.Contains(d.Repository.Key) ? 0 : 1)
            .ThenBy(d => d.Repository.TierAt(options, now))
            .ThenBy(d => d.At)
            .ThenBy(d => d.Repository.Key.ToString(), StringComparer.Ordinal)
            .Take(options.RepositoriesPerPass)
            .Select(d => d.Repository)];
    }

    private async Task ReadAsync(
        Account account,
        WatchedRepository repository,
        bool urgent,
        Action<JobObservation> observe,
        CancellationToken cancel)
    {
        var began = time.GetUtcNow();
        var api = account.Api(repository.Key.Owner, repository.OfOrganization);
        var reader = new RepositoryReader(api, repository, options, time, log);
        try
        {
            var jobs = await reader.ReadAsync(urgent, cancel);
            repository.Succeeded(began, reader.Requests, Jitter());
            log.Fault(key, repository.Key.ToString(), null);
            if (account.TakeMoved(repository.Key))
                log.Moved(repository.Key);
            observe(new JobObservation.RepositoryRead(key, repository.Key, jobs, began));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            var fault = FaultOf(account, e, $"the runs of '{repository.Key}'", repository.OfOrganization);
            if (fault.Reason is FaultReason.RateLimited or FaultReason.ReadingPaused
                or FaultReason.CredentialsInvalid or FaultReason.CredentialsRefused)
                Pause(account, repository, fault);
            else
                Fail(repository, fault, began, observe);
        }
    }

    private void Fail(
        WatchedRepository repository, Fault fault, DateTimeOffset began, Action<JobObservation> observe)
    {
        repository.Failed(began, fault);
        if (fault.Reason == FaultReason.ScopeNotFound)
            doubtful = true;
        log.Fault(key, repository.Key.ToString(), fault);
        observe(new JobObservation.RepositoryUnread(key, repository.Key, fault, began));
    }

    /// <summary>
    /// The fault is not the repository's own. Now and then it is tried all the same: what is free may go on.
    /// </summary>
    private void Pause(Account account, WatchedRepository repository, Fault fault)
    {
        var next = time.GetUtcNow() + PausedPeriod;
        repository.Postpone(fault.Until < next ? fault.Until.Value : next, fault.Passes ? repository.Fault : fault);
        limits[account.Credential is Access.GitHubCredential.App ? repository.Key.Owner : ""] = fault;
    }

    /// <summary>
    /// Tells what stands against a whole owner or account; what a person has to mend comes last, and stays.
    /// </summary>
    private void TellFaults(Action<JobObservation> observe)
    {
        ImmutableArray<(string Owner, Fault Fault)> faults =
        [
            .. limits.Select(l => (l.Key, l.Value))
                .Concat(watchlist.OwnerFaults)
                .Concat(WhollyUnread())
                .OrderByDescending(f => f.Item2.Passes),
        ];
        var over = standing.Where(s => faults.All(f => f.Owner != s.Owner)).ToArray();
        if (over.Length > 0)
            TellWatched(observe);
        Tell(faults, observe);
        foreach (var (owner, _) in over)
            log.Fault(key, owner.Length == 0 ? "all" : owner, null);
        standing = faults;
    }

    /// <summary>Owners of whom no repository at all can be read.</summary>
    private IEnumerable<(string Owner, Fault Fault)> WhollyUnread() => repositories.Values
        .Select(r => (r.Key.Owner, r.Fault))
        .Concat(watchlist.Missing.Select(m => (m.Key.Owner, Fault: (Fault?)m.Fault)))
        .GroupBy(r => r.Owner, StringComparer.Ordinal)
        .Where(g => g.All(r => r.Fault is not null))
        .Select(g => (g.Key, g.First().Fault!));

    private TimeSpan Wait(PollPlan plan, IReadOnlySet<RepositoryKey> urgent)
    {
        var next = watchlist.DueAt;
        foreach (var repository in repositories.Values)
            if (DueAt(repository, plan, urgent) is var due && due < next)
                next = due;
        var wait = next - time.GetUtcNow();
        return wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait;
    }

    private Fault FaultOf(Account account, Exception thrown, string what, Scope scope) =>
        FaultOf(account, thrown, what, scope.Kind == ScopeKind.Organization);

    private Fault FaultOf(Account account, Exception thrown, string what, bool ofOrganization)
    {
        var failure = Failure.Of(thrown);
        if (failure.Unexpected)
            log.Defect(what, thrown);
        return Faults.Of(failure, account, what, ofOrganization);
    }

    private double Jitter()
    {
        lock (random)
            return random.NextDouble();
    }
}
