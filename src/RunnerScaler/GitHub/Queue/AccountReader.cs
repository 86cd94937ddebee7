using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads the queue of one account, a part at a time: the repositories whose turn it is, and now and then the lists of
/// them. Each is read for itself: one that hangs delays no other.
/// </summary>
internal sealed class AccountReader
{
    private static readonly TimeSpan PausedPeriod = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>How long a call waits for what it began; what takes longer goes on without it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The same while no repository is known: there is nobody whom that delays.</summary>
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(30);

    private readonly AccountKey key;
    private readonly GitHubOptions options;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly ReadingLog log;
    private readonly RepositoryList watchlist;
    private readonly Dictionary<RepositoryKey, PolledRepository> repositories = [];
    private readonly UnderWay underWay;
    private readonly Turns turns;
    private readonly AccountNews news;
    private readonly DeliveryFeed deliveries;
    private string? version;

    public AccountReader(AccountKey key, GitHubOptions options, TimeProvider time, Random random, ReadingLog log)
    {
        (this.key, this.options, this.time, this.random, this.log) = (key, options, time, random, log);
        watchlist = new(options, time);
        underWay = new(time);
        turns = new(options, time, repositories, underWay);
        news = new(key, watchlist, log, time);
        deliveries = new(options, log, time);
    }

    /// <summary>Where something may have happened.</summary>
    public RepositoryHints Hints { get; } = new();

    /// <summary>The same as <see cref="IJobSource.ReadAsync"/>, for one account whose credential is known.</summary>
    public async Task<TimeSpan> ReadAsync(
        Account account,
        ImmutableArray<Scope> scopes,
        Action<JobObservation> observe,
        CancellationToken cancel)
    {
        var pass = new ReadContext(account, observe, cancel);
        try
        {
            underWay.Settle();
            Renew(account);
            if (watchlist.Take(scopes))
                Watch(observe);
            await ReadAsync(pass);
            cancel.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            await underWay.DrainAsync();
            throw;
        }
        account.Note(turns.Loads(account));
        news.TellProblems(account.Credential is GitHubCredential.App, repositories.Values, observe);
        return Wait(pass);
    }

    /// <summary>What was put off because of a credential is tried at once with another.</summary>
    private void Renew(Account account)
    {
        if (version is not null && version != account.Version)
            foreach (var repository in repositories.Values)
                repository.Renew();
        version = account.Version;
    }

    /// <summary>The account as a whole has no credential.</summary>
    public TimeSpan Tell(Problem problem, Action<JobObservation> observe)
    {
        news.Tell(problem, observe);
        return TimeSpan.FromSeconds(5);
    }

    /// <summary>Begins what is due, until nothing is, or this call has lasted long enough.</summary>
    private async Task ReadAsync(ReadContext pass)
    {
        var end = time.GetUtcNow() + (repositories.Count == 0 ? FirstPatience : Patience);
        var left = options.RepositoriesPerPass;
        while (true)
        {
            foreach (var scope in watchlist.Due().Where(s => !underWay.Has(RepositoryList.KeyOf(s))))
                underWay.Start(RepositoryList.KeyOf(scope), () => DiscoverAsync(pass, scope));
            if (LogDueAt(pass) <= time.GetUtcNow())
                underWay.Start(deliveries, () => ReadDeliveriesAsync(pass));
            underWay.Settle();
            TakeHints();
            foreach (var repository in turns.Due(pass.Account, left))
            {
                underWay.Start(repository.Key, () => ReadAsync(pass, repository));
                left--;
            }
            underWay.Settle();
            var now = time.GetUtcNow();
            if (repositories.Count > 0 && end > now + Patience)
                end = now + Patience;
            if (underWay.IsEmpty || now >= end)
                return;
            var next = left > 0 && turns.Places(pass.Account) > 0 ? Next(pass) : end;
            var wait = (next < end ? next : end) - now;
            await underWay.AnyAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, pass.Cancel);
            underWay.Settle();
        }
    }

    /// <summary>When the log of the App's deliveries is to be read; never where there is none.</summary>
    private DateTimeOffset LogDueAt(ReadContext pass) =>
        repositories.Count > 0 && pass.Account.Credential is GitHubCredential.App && !underWay.Has(deliveries)
            ? deliveries.DueAt
            : DateTimeOffset.MaxValue;

    private async Task<Action> ReadDeliveriesAsync(ReadContext pass)
    {
        var read = await log.ContainAsync<GitHubAnswer<DeliveryNews>>(
            "the log of the App's deliveries",
            () => deliveries.ReadAsync(pass.Account.OfApp()!, pass.Cancel),
            defect => defect);
        return () => deliveries.Note(read, repositories.Values);
    }

    private void TakeHints()
    {
        foreach (var hinted in Hints.Take())
            if (repositories.TryGetValue(hinted, out var repository))
                repository.HintedAt = time.GetUtcNow();
    }

    private async Task<Action> DiscoverAsync(ReadContext pass, Scope scope)
    {
        var began = time.GetUtcNow();
        var what = $"the repositories of '{scope.Owner}'";
        var list = await log.ContainAsync(
            what, () => Discovery.ReadAsync(pass.Account, scope, pass.Cancel), defect => defect);
        var problem = (list.Ok ? list.Value.Broken : list.Failure) is { } failure
            ? Problems.OfRead(failure, pass.Account, what, scope.Kind == ScopeKind.Organization)
            : null;
        return () =>
        {
            watchlist.Note(scope, list.Value?.Repositories, problem, began);
            Watch(pass.Observe);
        };
    }

    private void Watch(Action<JobObservation> observe)
    {
        var found = watchlist.Found.ToDictionary(f => f.Key);
        foreach (var left in repositories.Keys.Where(k => !found.ContainsKey(k)).ToArray())
        {
            repositories[left].Found = null;
            repositories.Remove(left);
        }
        foreach (var (name, repository) in found)
        {
            if (!repositories.TryGetValue(name, out var watched))
                repositories.Add(name, watched = new PolledRepository(name));
            watched.Found = repository;
        }
        Hints.Accept(repositories.Keys);
        news.TellWatched(repositories.Keys, observe);
    }

    /// <summary>Reads one repository, and tells what it shows as soon as it is known.</summary>
    private async Task<Action> ReadAsync(ReadContext pass, PolledRepository repository)
    {
        var (account, began, found) = (pass.Account, time.GetUtcNow(), repository.Found!);
        Problem FaultOf(Failure failure, string what) => Problems.OfRead(failure, account, what, found.OfOrganization);
        var what = $"the runs of '{repository.Key}'";
        var reader = new RepositoryReader(
            account.Api(repository.Key.Owner, found.OfOrganization), repository, options, time, log, FaultOf);
        var (jobs, problem) = await log.ContainAsync(
            what,
            () => reader.ReadAsync(pass.Cancel),
            defect => ([], FaultOf(defect, what)));
        if (problem is not null)
            return Parts.IsOfAccount(problem)
                ? () => Pause(repository, problem)
                : () => Fail(repository, problem, began, pass.Observe);
        var unread = repository.Unread;
        log.Problem(key, repository.Key.ToString(), unread);
        if (account.TakeMoved(repository.Key))
            log.Moved(repository.Key);
        pass.Cancel.ThrowIfCancellationRequested();
        if (repository.Found is not null)
            pass.Observe(new JobObservation.RepositoryRead(key, repository.Key, jobs, began) { Unread = unread });
        return () => repository.Succeeded(began, reader.Requests, Jitter());
    }

    private void Fail(
        PolledRepository repository, Problem problem, DateTimeOffset began, Action<JobObservation> observe)
    {
        repository.Failed(began, problem);
        if (problem.Reason == ProblemReason.ScopeNotFound)
            watchlist.RecheckSoon();
        log.Problem(key, repository.Key.ToString(), problem);
        if (repository.Found is not null)
            observe(new JobObservation.RepositoryUnread(key, repository.Key, problem, began));
    }

    /// <summary>
    /// The problem is not the repository's own. Now and then it is tried all the same: what is free may go on.
    /// </summary>
    private void Pause(PolledRepository repository, Problem problem)
    {
        var next = time.GetUtcNow() + PausedPeriod;
        repository.Pause(problem, problem.Until < next ? problem.Until.Value : next);
    }

    private DateTimeOffset Next(ReadContext pass)
    {
        var list = watchlist.DueAt(s => !underWay.Has(RepositoryList.KeyOf(s)));
        var repository = turns.Next(pass.Account);
        var next = list < repository ? list : repository;
        return LogDueAt(pass) is var told && told < next ? told : next;
    }

    private TimeSpan Wait(ReadContext pass)
    {
        var wait = Next(pass) - time.GetUtcNow();
        var longest = underWay.IsEmpty ? LongestWait : Patience;
        return wait < ShortestWait ? ShortestWait : wait > longest ? longest : wait;
    }

    private double Jitter()
    {
        lock (random)
            return random.NextDouble();
    }

    /// <summary>What one call was given.</summary>
    private sealed record ReadContext(Account Account, Action<JobObservation> Observe, CancellationToken Cancel);
}
