using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>Remembers the Events that were published and what was measured.</summary>
internal sealed class Recorder : IEventSink, IScalerMetrics
{
    private readonly Lock guard = new();

    public List<(bool Warning, string Reason, string Note)> Events { get; } = [];

    public List<(int Slot, bool Warning, string Reason, string Note)> PodEvents { get; } = [];

    public List<OutcomeKind> Exits { get; } = [];

    public List<Build> Builds { get; } = [];

    public List<string> Answers { get; } = [];

    public List<WebhookResult> Webhooks { get; } = [];

    public List<(RunnerPhase Phase, TimeSpan Time)> Phases { get; } = [];

    public List<TimeSpan> Waits { get; } = [];

    public List<bool> StandbyHits { get; } = [];

    public List<PoolKey> Interruptions { get; } = [];

    public List<string> Refusals { get; } = [];

    public List<PoolKey> Forgotten { get; } = [];

    /// <summary>What the metrics of pools were set from.</summary>
    public List<PoolReport> Shown { get; } = [];

    public void Publish(PoolKey pool, bool warning, string reason, string note) => Add(Events, (warning, reason, note));

    public void Publish(PodFacts pod, bool warning, string reason, string note) =>
        Add(PodEvents, (pod.Slot, warning, reason, note));

    public void PoolObserved(PoolKey pool, PoolReport report) => Add(Shown, report);

    public void PoolForgotten(PoolKey pool) => Add(Forgotten, pool);

    public void PhaseTook(PoolKey pool, RunnerPhase phase, TimeSpan time) => Add(Phases, (phase, time));

    public void JobWaited(PoolKey pool, TimeSpan time, bool standby)
    {
        Add(Waits, time);
        Add(StandbyHits, standby);
    }

    public void JobInterrupted(PoolKey pool) => Add(Interruptions, pool);

    public void ApiRefused(string verb, string resource, RefusalReason reason) =>
        Add(Refusals, $"{verb} {resource} {reason}");

    public void RunnerExited(PoolKey pool, OutcomeKind outcome) => Add(Exits, outcome);

    public void Built(PoolKey pool, Build build) => Add(Builds, build);

    public void Reconciled(PoolKey pool, TimeSpan time, bool failed)
    {
    }

    public void WebhookReceived(WebhookResult result) => Add(Webhooks, result);

    public void DeliveryListed(DeliveryResult result)
    {
    }

    public void ClaimAnswered(string answer) => Add(Answers, answer);

    public void GitHubRequest(string route, int code, bool cached, TimeSpan time)
    {
    }

    public void GitHubBudget(AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset)
    {
    }

    public void GitHubSaidUnknown(string what)
    {
    }

    /// <summary>How old the board was told to be last.</summary>
    public TimeSpan Age { get; private set; }

    public void BoardAge(AccountKey account, TimeSpan age) => Age = age;

    public void RepositoriesUnread(AccountKey account, int count)
    {
    }

    public void AccountForgotten(AccountKey account)
    {
    }

    public void Swept(string kind)
    {
        lock (guard)
            SweptCount++;
    }

    public int SweptCount { get; private set; }

    public void Ignored(string what)
    {
        lock (guard)
            IgnoredWords.Add(what);
    }

    public List<string> IgnoredWords { get; } = [];

    public void WatchRestarted(string resource, string reason)
    {
    }

    public List<bool> Leads { get; } = [];

    public void Leading(bool leads) => Add(Leads, leads);

    private void Add<T>(List<T> list, T item)
    {
        lock (guard)
            list.Add(item);
    }
}
