using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Ports;

/// <summary>
/// What is counted and measured. One method an occurrence; names and units are in <c>docs/metrics.md</c>.
/// </summary>
internal interface IScalerMetrics
{
    /// <summary>A pool as the last pass saw it; replaces what was shown of it before.</summary>
    void PoolObserved(PoolKey pool, PoolReport report);

    /// <summary>A pool is gone: so are its series.</summary>
    void PoolForgotten(PoolKey pool);

    /// <summary>A part of a runner's life took this long.</summary>
    void PhaseTook(PoolKey pool, RunnerPhase phase, TimeSpan time);

    /// <summary>A job of this pool began after waiting this long.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="time">From its being queued to its start.</param>
    /// <param name="standby">Whether its runner's pod had been ready before it was queued.</param>
    void JobWaited(PoolKey pool, TimeSpan time, bool standby);

    /// <summary>A runner of this pool has gone.</summary>
    void RunnerExited(PoolKey pool, OutcomeKind outcome);

    /// <summary>A job of this pool had not ended when its pod had to.</summary>
    void JobInterrupted(PoolKey pool);

    /// <summary>A job of this pool built an image.</summary>
    void Built(PoolKey pool, Build build);

    /// <summary>A pool was reconciled.</summary>
    void Reconciled(PoolKey pool, TimeSpan time, bool failed);

    /// <summary>
    /// A claim was answered with this word: <c>granted</c>, <c>standby</c>, <c>retire</c>, <c>refused</c>,
    /// <c>unavailable</c>.
    /// </summary>
    void ClaimAnswered(string answer);

    /// <summary>A delivery of GitHub's webhook has come.</summary>
    void WebhookReceived(WebhookResult result);

    /// <summary>The log of an App's deliveries was read: once for each new entry, and for what went wrong.</summary>
    void DeliveryListed(DeliveryResult result);

    /// <summary>A request to GitHub was answered.</summary>
    /// <param name="route">The path with its variable parts replaced, so that the label is bounded.</param>
    /// <param name="code">The HTTP status; 0 if there was no answer.</param>
    /// <param name="cached">Whether the answer came from the cache (304).</param>
    /// <param name="time">How long it took.</param>
    void GitHubRequest(string route, int code, bool cached, TimeSpan time);

    /// <summary>What is left of the primary limit of an account, and when it is filled up again.</summary>
    void GitHubBudget(AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset);

    /// <summary>
    /// GitHub said something that is not known here: a <c>job status</c>, a <c>run status</c>, a <c>conclusion</c>, a
    /// <c>run</c> or <c>job</c> without an id.
    /// </summary>
    void GitHubSaidUnknown(string what);

    /// <summary>The age of the oldest reading of an account; what cannot be read at all ages, too.</summary>
    void BoardAge(AccountKey account, TimeSpan age);

    /// <summary>How many repositories of an account cannot be read now, whole or in part.</summary>
    void RepositoriesUnread(AccountKey account, int count);

    /// <summary>An account is gone: so are its series.</summary>
    void AccountForgotten(AccountKey account);

    /// <summary>
    /// A registration or pod that nobody owned was removed; <paramref name="kind"/> is <c>registration</c> or
    /// <c>pod</c>.
    /// </summary>
    void Swept(string kind);

    /// <summary>
    /// Something that others wrote was left out because it is not what it should be; <paramref name="what"/> is one of
    /// the words of <c>docs/metrics.md</c>.
    /// </summary>
    void Ignored(string what);

    /// <summary>
    /// A watch of this resource was opened again, for this reason: <c>ended</c>, <c>expired</c>, <c>silent</c>,
    /// <c>failed</c>.
    /// </summary>
    void WatchRestarted(string resource, string reason);

    /// <summary>The API server refused a request, or did not answer it.</summary>
    void ApiRefused(string verb, string resource, RefusalReason reason);

    /// <summary>Whether this replica leads.</summary>
    void Leading(bool leads);
}
