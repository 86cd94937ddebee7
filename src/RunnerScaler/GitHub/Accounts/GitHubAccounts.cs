using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// All accounts in use. Reading the queue and registering runners share each account's token, budget and pace.
/// </summary>
/// <param name="options">How GitHub is read and written.</param>
/// <param name="secrets">Where the credentials come from.</param>
/// <param name="metrics">Counts requests and shows budgets.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Spreads retries out.</param>
/// <param name="primary">Makes what sends the requests; null for the network.</param>
internal sealed class GitHubAccounts(
    GitHubOptions options,
    ISecretSource secrets,
    IScalerMetrics metrics,
    TimeProvider time,
    Random random,
    Func<HttpMessageHandler>? primary = null) : IBudgetSource
{
    /// <summary>How soon a Secret with a problem is looked at again.</summary>
    private static readonly TimeSpan ProblemPeriod = TimeSpan.FromSeconds(5);

    /// <summary>
    /// An account that nobody has asked for in this time is forgotten: what is left of a pool may have opened it after
    /// its last reader was gone.
    /// </summary>
    private static readonly TimeSpan Unused = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<AccountKey, Entry> entries = new();

    /// <summary>How many accounts are known.</summary>
    public int Count => entries.Count;

    public IEnumerable<BudgetFigure> Budgets => entries.Values.SelectMany(entry => entry.Account.Budgets);

    /// <summary>Counts what is read and written with them.</summary>
    public IScalerMetrics Metrics => metrics;

    /// <summary>
    /// The account, with the credential that its Secret holds now, or the reason why there is none. The Secret is
    /// looked at every <see cref="GitHubOptions.SecretPeriod"/>, and at once when GitHub has refused the credential;
    /// while it cannot be read, the credential known before is used.
    /// </summary>
    /// <param name="account">Whose; by which feed it learns of jobs does not matter.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<(Account? Account, Problem? Problem)> OpenAsync(AccountKey account, CancellationToken cancel)
    {
        var key = account.Credential;
        var entry = entries.GetOrAdd(key, k => new Entry(Create(k)));
        var resolving = ResolveAsync(entry, key, cancel);

        // A look that is due now and then holds nobody up.
        return !resolving.IsCompleted && entry is { Version: not null, Problem: null }
            && !entry.Account.Trust.NeedsLook
            ? (entry.Account, null)
            : await resolving;
    }

    /// <summary>
    /// The account, to see and remove what was registered with it. A Secret that is gone, as with its whole namespace,
    /// does not stand in the way of that: the credential that it held last is used. Null if there is none.
    /// </summary>
    public async Task<Account?> OpenForCleanUpAsync(AccountKey key, CancellationToken cancel)
    {
        var (account, _) = await OpenAsync(key, cancel);
        return account ?? (entries.TryGetValue(key.Credential, out var entry) && entry.IsMissing
            ? entry.Account
            : null);
    }

    private async Task<(Account? Account, Problem? Problem)> ResolveAsync(
        Entry entry, AccountKey key, CancellationToken cancel)
    {
        await entry.Single.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            entry.UsedAt = now;
            if (now < entry.NextLook && !entry.Account.Trust.NeedsLook)
                return Answer(entry);
            ForgetUnused(now);
            var read = await secrets.ReadAsync(key.Namespace, key.Secret, cancel);
            entry.Problem = Take(entry, key, read);
            entry.Account.Trust.Looked();
            entry.NextLook = now + (entry.Problem is null ? options.SecretPeriod : ProblemPeriod);
            return Answer(entry);
        }
        finally
        {
            entry.Single.Release();
        }
    }

    private void ForgetUnused(DateTimeOffset now)
    {
        foreach (var (key, entry) in entries)
            if (now - entry.UsedAt > Unused)
                Forget(key);
    }

    /// <summary>Forgets the account's tokens and kept answers, and ends its requests.</summary>
    public void Forget(AccountKey key)
    {
        if (entries.TryRemove(key, out var entry))
            entry.Account.Dispose();
    }

    private static (Account?, Problem?) Answer(Entry entry) =>
        entry.Problem is { } problem ? (null, problem) : (entry.Account, null);

    private static Problem? Take(Entry entry, AccountKey key, SecretResult read)
    {
        switch (read)
        {
            case SecretResult.Found found when found.ResourceVersion == entry.Version:
                return entry.Problem;
            case SecretResult.Found found:
                if (CredentialReader.Read(key, found.Data, out var problem) is { } credential)
                    entry.Account.Use(credential, found.ResourceVersion);
                entry.IsMissing = false;
                entry.Version = found.ResourceVersion;
                return problem;
            case SecretResult.Unavailable unavailable:
                return entry.Version is null ? Problems.SecretUnread(key, unavailable.Why) : entry.Problem;
            default:
                entry.IsMissing = entry.IsMissing || (entry.Version is not null && entry.Problem is null);
                entry.Version = null;
                return Problems.SecretMissing(key);
        }
    }

    private Account Create(AccountKey key) =>
        new(key, options, primary?.Invoke() ?? HandlerChain.Primary(), metrics, time, random);

    [SuppressMessage("Design", "CA1001", Justification = "The account is disposed of when it is forgotten")]
    private sealed class Entry(Account account)
    {
        public Account Account { get; } = account;

        public SemaphoreSlim Single { get; } = new(1);

        public DateTimeOffset NextLook { get; set; }

        public DateTimeOffset UsedAt { get; set; } = DateTimeOffset.MaxValue;

        /// <summary>The version of the Secret that was read last; null if there is none.</summary>
        public string? Version { get; set; }

        /// <summary>Whether a Secret whose credential could be used is gone.</summary>
        public bool IsMissing { get; set; }

        public Problem? Problem { get; set; }
    }
}
