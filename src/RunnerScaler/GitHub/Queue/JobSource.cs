using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads the queue of each account from GitHub's REST API, by polling: there is no list of queued jobs.
/// </summary>
internal sealed class JobSource(
    GitHubAccounts accounts, GitHubOptions options, TimeProvider time, Random random, ILogger<JobSource> logger)
    : IJobSource
{
    private readonly ReadingLog log = new(logger, accounts.Metrics);
    private readonly ConcurrentDictionary<AccountKey, Entry> readers = new();

    public async Task<TimeSpan> ReadAsync(
        AccountKey account,
        ImmutableArray<Scope> scopes,
        Action<JobObservation> observe,
        CancellationToken cancel)
    {
        var entry = readers.GetOrAdd(account, a => new(new AccountReader(a, options, time, random, log)));
        await entry.Single.WaitAsync(cancel);
        try
        {
            var (opened, problem) = await accounts.OpenAsync(account, cancel);
            return opened is null
                ? entry.Reader.Tell(problem!, observe)
                : await entry.Reader.ReadAsync(opened, scopes, observe, cancel);
        }
        finally
        {
            entry.Single.Release();
        }
    }

    public bool Hint(AccountKey account, RepositoryKey repository) =>
        readers.TryGetValue(account, out var entry) && entry.Reader.Hints.Add(repository);

    public void Forget(AccountKey account)
    {
        ForgetReadings(account);
        accounts.Forget(account);
    }

    public void ForgetReadings(AccountKey account) => readers.TryRemove(account, out _);

    [SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing unless its wait handle is used")]
    private sealed class Entry(AccountReader reader)
    {
        public AccountReader Reader { get; } = reader;

        public SemaphoreSlim Single { get; } = new(1);
    }
}
