using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// All jobs now known, with the age of that knowledge: a fold over observations. Immutable. A failed reading never
/// removes a job; it only lets what is known grow older.
/// </summary>
internal sealed class JobBoard
{
    public static readonly JobBoard Empty = new(
        ImmutableDictionary<(AccountKey, RepositoryKey), RepositoryReading>.Empty,
        ImmutableDictionary<AccountKey, AccountReading>.Empty,
        RunnerJobs.None);

    /// <summary>Stands for the owner where a problem concerns the whole account.</summary>
    private const string WholeAccount = "";

    /// <summary>For how long a problem that passes is not worth telling.</summary>
    private static readonly TimeSpan PassingFor = TimeSpan.FromSeconds(10);

    private static readonly ImmutableDictionary<string, Problem> NoProblems = ImmutableDictionary<string,
        Problem>.Empty;

    private readonly ImmutableDictionary<(AccountKey, RepositoryKey), RepositoryReading> readings;
    private readonly ImmutableDictionary<AccountKey, AccountReading> accounts;
    private readonly RunnerJobs byRunner;

    private JobBoard(
        ImmutableDictionary<(AccountKey, RepositoryKey), RepositoryReading> readings,
        ImmutableDictionary<AccountKey, AccountReading> accounts,
        RunnerJobs byRunner)
    {
        this.readings = readings;
        this.accounts = accounts;
        this.byRunner = byRunner;
    }

    public IEnumerable<RepositoryReading> Readings => readings.Values;

    /// <summary>The accounts that anything is known of.</summary>
    public IEnumerable<AccountKey> Accounts => accounts.Keys;

    public JobBoard Apply(JobObservation observation) => observation switch
    {
        JobObservation.RepositoryRead read => Put(read),
        JobObservation.RepositoryUnread unread => Put(unread),
        JobObservation.AccountRead read => Put(read),
        JobObservation.AccountUnread unread => Put(unread),
        JobObservation.AccountForgotten forgotten => Without(
            readings.Values.Where(r => r.Account == forgotten.Account), accounts.Remove(forgotten.Account)),
        _ => throw new ArgumentOutOfRangeException(nameof(observation), observation.GetType().Name, null),
    };

    /// <summary>What is known of one repository through one account; null if nothing.</summary>
    public RepositoryReading? Reading(AccountKey account, RepositoryKey repository) =>
        readings.GetValueOrDefault((account, repository));

    /// <summary>Whether anyone can see the repository, as far as is known.</summary>
    public bool IsPublic(AccountKey account, RepositoryKey repository) =>
        accounts.GetValueOrDefault(account)?.Public.Contains(repository) == true;

    /// <summary>
    /// The job that the runner of this name has or had, as far as GitHub has told. What is told of other accounts and
    /// places says nothing of it: anybody's runner can bear any name there.
    /// </summary>
    public Job? OnRunner(RegistrationTarget target, string runnerName) => byRunner.At(target, runnerName);

    /// <summary>
    /// When a job that has or had a runner was first read in the state that it is in, by our clock; null if it is not
    /// known.
    /// </summary>
    public DateTimeOffset? SinceOf(Job job) => byRunner.SinceOf(job);

    /// <summary>
    /// What keeps us from reading all that the pool serves; null if nothing is known to. One owner of several is no
    /// reason: see <see cref="OwnerProblemsFor"/>. What an operator has to fix comes before what passes by itself,
    /// unless a part of the pool may go on without.
    /// </summary>
    public Problem? ProblemFor(Pool pool)
    {
        if (accounts.GetValueOrDefault(pool.Account) is not { Problems: { Count: > 0 } known })
            return null;
        var whole = known.GetValueOrDefault(WholeAccount);
        var owners = pool.Serves.Select(s => s.Owner).Distinct().Select(o => known.GetValueOrDefault(o)).ToArray();
        if (whole is { Passes: false } || owners.Contains(null))
            return whole;
        return (owners.All(f => !f!.Passes) ? owners[0] : null) ?? whole ?? Array.Find(owners, f => f!.Passes);
    }

    /// <summary>What keeps us from reading what belongs to some of the owners that the pool serves.</summary>
    public ImmutableDictionary<string, Problem> OwnerProblemsFor(Pool pool) =>
        accounts.GetValueOrDefault(pool.Account) is { Problems: { Count: > 0 } known }
            ? known.RemoveRange(known.Keys.Where(owner => pool.Serves.All(s => s.Owner != owner)))
            : NoProblems;

    /// <summary>
    /// Whether every repository of the account has been read, or tried, at least once: before that, "no job is queued"
    /// may only mean that nobody has looked.
    /// </summary>
    public bool IsKnown(AccountKey account) =>
        accounts.GetValueOrDefault(account)?.Repositories is { } watched
        && watched.Keys.All(r => readings.ContainsKey((account, r)));

    /// <summary>Whether the account's repositories have been listed once: its credential works.</summary>
    public bool IsListed(AccountKey account) => accounts.GetValueOrDefault(account)?.Repositories is not null;

    /// <summary>
    /// When the repository of the account that was read whole longest ago was read; one that never could be counts from
    /// when it was first to be, and so does an account whose list of them never could. Null if nothing was tried yet.
    /// </summary>
    public DateTimeOffset? OldestReading(AccountKey account)
    {
        if (accounts.GetValueOrDefault(account) is not { } known)
            return null;
        return known.Repositories is { IsEmpty: false } watched
            ? watched.Min(w => Reading(account, w.Key)?.WholeAt ?? w.Value)
            : known.ReadAt;
    }

    /// <summary>The repositories of the account that cannot be read now, whole or in part.</summary>
    public IEnumerable<RepositoryReading> Unread(AccountKey account) =>
        readings.Values.Where(r => r.Account == account && r.Problem is not null);

    /// <summary>
    /// Those of them that the pool serves, and which it is time to tell of: what passes is given a while to.
    /// </summary>
    public ImmutableArray<RepositoryReading> UnreadFor(Pool pool, DateTimeOffset now) =>
    [
        .. Unread(pool.Account)
            .Where(r => !r.Problem!.Passes || now - r.ProblemSince >= PassingFor)
            .Where(r => pool.ScopeFor(r.Repository) is not null)
            .OrderBy(r => r.Problem!.Passes)
            .ThenBy(r => r.Repository.ToString(), StringComparer.Ordinal),
    ];

    private JobBoard Put(JobObservation.RepositoryRead read)
    {
        var key = (read.Account, read.Repository);
        var known = readings.GetValueOrDefault(key);
        if (known?.ReadAt > read.At)
            return this;
        var reading = new RepositoryReading(read.Account, read.Repository, read.Jobs, read.At, read.Unread)
        {
            WholeAt = read.Unread is null ? read.At : known?.WholeAt,
            ProblemSince = read.Unread is null ? null : known?.ProblemSince ?? read.At,
            Since = Since(known, read),
        };
        return new(readings.SetItem(key, reading), accounts, byRunner.With(known, reading));
    }

    private JobBoard Put(JobObservation.RepositoryUnread unread)
    {
        var key = (unread.Account, unread.Repository);
        var known = readings.GetValueOrDefault(key) ?? new(unread.Account, unread.Repository, [], null, null);
        var reading = known with { Problem = unread.Problem, ProblemSince = known.ProblemSince ?? unread.At };
        return new(readings.SetItem(key, reading), accounts, byRunner);
    }

    private JobBoard Put(JobObservation.AccountRead read)
    {
        var before = accounts.GetValueOrDefault(read.Account)?.Repositories;
        var watched = read.Repositories.Distinct()
            .ToImmutableDictionary(r => r, r => before?.GetValueOrDefault(r, read.At) ?? read.At);
        var left = readings.Values.Where(r => r.Account == read.Account && !watched.ContainsKey(r.Repository));
        var account = new AccountReading(watched, read.At, read.Unread, read.Public);
        return Without(left, accounts.SetItem(read.Account, account));
    }

    private JobBoard Put(JobObservation.AccountUnread unread)
    {
        var known = accounts.GetValueOrDefault(unread.Account) ?? new(null, unread.At, NoProblems, []);
        var problems = known.Problems.SetItem(unread.Owner ?? WholeAccount, unread.Problem);
        return new(readings, accounts.SetItem(unread.Account, known with { Problems = problems }), byRunner);
    }

    private JobBoard Without(
        IEnumerable<RepositoryReading> left, ImmutableDictionary<AccountKey, AccountReading> andAccounts)
    {
        RepositoryReading[] gone = [.. left];
        return new(
            readings.RemoveRange(gone.Select(r => (r.Account, r.Repository))),
            andAccounts,
            gone.Aggregate(byRunner, (known, reading) => known.With(reading, null)));
    }

    private static ImmutableDictionary<long, DateTimeOffset> Since(
        RepositoryReading? before, JobObservation.RepositoryRead read)
    {
        if (read.Jobs.IsEmpty)
            return ImmutableDictionary<long, DateTimeOffset>.Empty;
        var known = (before?.Jobs ?? []).DistinctBy(j => j.Id).ToDictionary(j => j.Id, j => j.State);
        return read.Jobs.DistinctBy(j => j.Id).ToImmutableDictionary(
            j => j.Id,
            j => known.TryGetValue(j.Id, out var state) && state == j.State ? before!.Since[j.Id] : read.At);
    }

    /// <param name="Repositories">The repositories that are watched, and since when; null while their list was never
    /// read.</param>
    /// <param name="ReadAt">When that list was read; before it ever was, when that was tried first.</param>
    /// <param name="Problems">What cannot be read since, by owner.</param>
    /// <param name="Public">Those that anyone can see.</param>
    private sealed record AccountReading(
        ImmutableDictionary<RepositoryKey, DateTimeOffset>? Repositories,
        DateTimeOffset ReadAt,
        ImmutableDictionary<string, Problem> Problems,
        ImmutableHashSet<RepositoryKey> Public);
}

/// <summary>What is known of one repository through one account.</summary>
/// <param name="Account">The account that read it.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Jobs">Its jobs, as of <paramref name="ReadAt"/>.</param>
/// <param name="ReadAt">When it was last read; null if it never was.</param>
/// <param name="Problem">Why the latest try failed, or a part of it; null if it did not.</param>
internal sealed record RepositoryReading(
    AccountKey Account, RepositoryKey Repository, ImmutableArray<Job> Jobs, DateTimeOffset? ReadAt, Problem? Problem)
{
    /// <summary>
    /// When each of the jobs was first read in the state that it is in, by our clock and by the job's id.
    /// </summary>
    public ImmutableDictionary<long, DateTimeOffset> Since { get; init; } =
        ImmutableDictionary<long, DateTimeOffset>.Empty;

    /// <summary>When it was last read without a part being left out; null if it never was.</summary>
    public DateTimeOffset? WholeAt { get; init; }

    /// <summary>Since when each try has failed, wholly or in part; null if the latest did not.</summary>
    public DateTimeOffset? ProblemSince { get; init; }
}
