using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Ports;

/// <summary>Reads the queue of one account after another. Implementations keep what they need between calls.</summary>
internal interface IJobSource
{
    /// <summary>
    /// Reads what is due of an account, telling <paramref name="observe"/> each thing as soon as it is known.
    /// What goes wrong is told as an observation, never thrown; only cancellation throws.
    /// </summary>
    /// <param name="account">The account to read.</param>
    /// <param name="scopes">All that the pools of this account serve.</param>
    /// <param name="observe">Takes each observation; quick and safe to call from any thread.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>How long to wait before the next call; more than zero.</returns>
    Task<TimeSpan> ReadAsync(
        AccountKey account,
        ImmutableArray<Scope> scopes,
        Action<JobObservation> observe,
        CancellationToken cancel);

    /// <summary>
    /// Something may have happened in a repository: it is read as soon as can be. A hint that is lost, late, repeated
    /// or false does no harm. Quick, and safe to call from any thread; the reading itself is the caller's to begin.
    /// </summary>
    /// <returns>Whether the account watches it.</returns>
    bool Hint(AccountKey account, RepositoryKey repository);

    /// <summary>Nobody needs the account any more: forget its credential, tokens and caches.</summary>
    void Forget(AccountKey account);

    /// <summary>
    /// No pool names the account any more, but what one that is gone has left is still to be removed: forget only what
    /// was read.
    /// </summary>
    void ForgetReadings(AccountKey account);
}
