using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.GitHub;

/// <summary>Keeps what the GitHub part measures.</summary>
internal sealed class RecordedMetrics : IScalerMetrics
{
    public ConcurrentQueue<(string Route, int Code, bool Cached)> Requests { get; } = new();

    public ConcurrentQueue<(AccountKey Account, string Resource, int Remaining, int Limit)> Budgets { get; } = new();

    public ConcurrentQueue<string> Unknown { get; } = new();

    public ConcurrentQueue<DeliveryResult> Deliveries { get; } = new();

    public void GitHubRequest(string route, int code, bool cached, TimeSpan time) =>
        Requests.Enqueue((route, code, cached));

    public void GitHubBudget(AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset) =>
        Budgets.Enqueue((account, resource, remaining, limit));

    public void PoolObserved(PoolKey pool, PoolReport report)
    {
    }

    public void PoolForgotten(PoolKey pool)
    {
    }

    public void PhaseTook(PoolKey pool, RunnerPhase phase, TimeSpan time)
    {
    }

    public void JobWaited(PoolKey pool, TimeSpan time, bool standby)
    {
    }

    public void JobInterrupted(PoolKey pool)
    {
    }

    public void ApiRefused(string verb, string resource, RefusalReason reason)
    {
    }

    public void RunnerExited(PoolKey pool, OutcomeKind outcome)
    {
    }

    public void Built(PoolKey pool, Build build)
    {
    }

    public void Reconciled(PoolKey pool, TimeSpan time, bool failed)
    {
    }

    public void WebhookReceived(WebhookResult result)
    {
    }

    public void DeliveryListed(DeliveryResult result) => Deliveries.Enqueue(result);

    public void ClaimAnswered(string answer)
    {
    }

    public void GitHubSaidUnknown(string what) => Unknown.Enqueue(what);

    public void BoardAge(AccountKey account, TimeSpan age)
    {
    }

    public void RepositoriesUnread(AccountKey account, int count)
    {
    }

    public void AccountForgotten(AccountKey account)
    {
    }

    public void Swept(string kind)
    {
    }

    public void Ignored(string what)
    {
    }

    public void WatchRestarted(string resource, string reason)
    {
    }

    public void Leading(bool leads)
    {
    }
}
