using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Kubernetes;

/// <summary>Keeps what the Kubernetes part tells; the rest is not its to tell.</summary>
internal sealed class RecordedClusterMetrics : IScalerMetrics
{
    public ConcurrentQueue<string> WatchEnds { get; } = new();

    public ConcurrentQueue<bool> Leaderships { get; } = new();

    public ConcurrentQueue<string> Refusals { get; } = new();

    public void WatchRestarted(string resource, string reason) => WatchEnds.Enqueue(reason);

    public void Leading(bool leads) => Leaderships.Enqueue(leads);

    public void PoolObserved(PoolKey pool, PoolReport report) => throw Unexpected();

    public void PoolForgotten(PoolKey pool) => throw Unexpected();

    public void PhaseTook(PoolKey pool, RunnerPhase phase, TimeSpan time) => throw Unexpected();

    public void JobWaited(PoolKey pool, TimeSpan time, bool standby) => throw Unexpected();

    public void JobInterrupted(PoolKey pool) => throw Unexpected();

    public void ApiRefused(string verb, string resource, RefusalReason reason) =>
        Refusals.Enqueue($"{verb} {resource} {reason}");

    public void RunnerExited(PoolKey pool, OutcomeKind outcome) => throw Unexpected();

    public void Built(PoolKey pool, Build build) => throw Unexpected();

    public void Reconciled(PoolKey pool, TimeSpan time, bool failed) => throw Unexpected();

    public void WebhookReceived(WebhookResult result) => throw Unexpected();

    public void DeliveryListed(DeliveryResult result) => throw Unexpected();

    public void ClaimAnswered(string answer) => throw Unexpected();

    public void GitHubRequest(string route, int code, bool cached, TimeSpan time) => throw Unexpected();

    public void GitHubBudget(AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset) =>
        throw Unexpected();

    public void GitHubSaidUnknown(string what)
    {
    }

    public void BoardAge(AccountKey account, TimeSpan age) => throw Unexpected();

    public void RepositoriesUnread(AccountKey account, int count)
    {
    }

    public void AccountForgotten(AccountKey account) => throw Unexpected();

    public void Swept(string kind) => throw Unexpected();

    public ConcurrentQueue<string> IgnoredWords { get; } = new();

    public void Ignored(string what) => IgnoredWords.Enqueue(what);

    private static InvalidOperationException Unexpected() => new("not a metric of the Kubernetes part");
}
