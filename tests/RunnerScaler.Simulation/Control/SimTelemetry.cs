using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Control;

/// <summary>The last report of each pool, and a few counts.</summary>
internal sealed class SimMetrics : IScalerMetrics
{
    public Dictionary<PoolKey, PoolReport> Reports { get; } = [];

    public void PoolObserved(PoolKey pool, PoolReport report) => Reports[pool] = report;

    public void PoolForgotten(PoolKey pool) => Reports.Remove(pool);

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

    public void DeliveryListed(DeliveryResult result)
    {
    }

    public void ClaimAnswered(string answer)
    {
    }

    public void GitHubRequest(string route, int code, bool cached, TimeSpan time)
    {
    }

    public void GitHubBudget(AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset)
    {
    }

    public void GitHubSaidUnknown(string what)
    {
    }

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

/// <summary>Events go to the trace.</summary>
internal sealed class SimEvents(Env env, string who, Watchdog watchdog) : IEventSink
{
    public void Publish(PoolKey pool, bool warning, string reason, string note)
    {
        watchdog.Written(note);
        env.Say(who, $"event {pool.Name} {reason}");
    }

    public void Publish(PodFacts pod, bool warning, string reason, string note)
    {
        watchdog.Written(note);
        env.Say(who, $"event {pod.Pool.Name} {pod.Slot} {reason}");
    }
}

/// <summary>What a replica logs. An error is a fault of ours: nothing that the world does may be one.</summary>
internal sealed class SimLog(Env env, string who)
{
    public bool IsEnabled(LogLevel level) => level >= LogLevel.Error || env.Scheduler.Trace.IsFull;

    public void Write(LogLevel level, string text, Exception? exception)
    {
        env.Scheduler.Trace.Remark(env.Scheduler.Elapsed, who, $"{level}: {text}");
        if (level >= LogLevel.Error)
            env.Break("no crash", $"{who} logs an error: {text} {exception}");
    }
}

internal sealed class SimLogger<T>(SimLog log) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            log.Write(logLevel, formatter(state, exception), exception);
    }
}
