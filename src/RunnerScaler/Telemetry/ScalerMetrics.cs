using System.Globalization;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Telemetry;

/// <summary>
/// Takes down what happens, in the metrics of <see cref="MetricSet"/>. A pool's series begin, at 0, with its first
/// <see cref="PoolObserved"/> and end with <see cref="PoolForgotten"/>; what is told of a pool outside that time is
/// dropped, so that a late word about a deleted pool leaves nothing behind. An account's series last from
/// <see cref="BoardAge"/> to <see cref="AccountForgotten"/>. Who stops leading shows no gauge: sums are right.
/// </summary>
internal sealed class ScalerMetrics : IScalerMetrics
{
    private static readonly string[] ConditionStates = ["true", "false", "unknown"];

    private readonly Lock guard = new();
    private readonly HashSet<PoolKey> pools = [];
    private readonly Dictionary<AccountKey, (TimeSpan Age, long At)> accounts = [];
    private readonly TimeProvider time;
    private readonly MetricSet metrics;

    /// <param name="registry">Where the metrics live.</param>
    /// <param name="version">The program's version, for <c>runnerscaler_build_info</c>.</param>
    /// <param name="time">By which the age of what was read goes on growing while nothing is.</param>
    public ScalerMetrics(CollectorRegistry registry, string version, TimeProvider time)
    {
        this.time = time;
        registry.AddBeforeCollectCallback(Age);
        metrics = new(Metrics.WithCustomRegistry(registry));
        metrics.BuildInfo.WithLabels(version).Set(1);
        Begin();
    }

    public void PoolObserved(PoolKey pool, PoolReport report)
    {
        lock (guard)
        {
            if (pools.Add(pool))
                Begin(pool);
            var (key, count) = (At(pool), report.Runners);
            metrics.Runners.WithLabels([.. key, "starting"]).Set(count.Starting);
            metrics.Runners.WithLabels([.. key, "standby"]).Set(count.Standby);
            metrics.Runners.WithLabels([.. key, "registered"]).Set(count.Registered);
            metrics.Runners.WithLabels([.. key, "busy"]).Set(count.Busy);
            metrics.Runners.WithLabels([.. key, "finishing"]).Set(count.Finishing);
            metrics.Jobs.WithLabels([.. key, "queued"]).Set(report.Jobs.Queued);
            metrics.Jobs.WithLabels([.. key, "running"]).Set(report.Jobs.Running);
            foreach (var reason in Enum.GetValues<WaitReason>())
                metrics.Unserved.WithLabels([.. key, $"{reason}"]).Set(report.Unserved.GetValueOrDefault(reason));
            Show(metrics.Limit, key, report.MaxRunners);
            metrics.OldestWait.WithLabels(key).Set(Seconds(report.OldestWait));
            foreach (var condition in report.Conditions)
                Show(key, condition);
            foreach (var gone in Conditions.All.Except(report.Conditions.Select(c => c.Type)))
                Forget([.. key, gone], metrics.Conditions, metrics.ConditionReasons);
        }
    }

    public void PoolForgotten(PoolKey pool)
    {
        lock (guard)
        {
            pools.Remove(pool);
            Forget(At(pool), metrics.PoolGauges);
            Forget(At(pool), metrics.PoolHistograms);
            Forget(At(pool), metrics.PoolCounters);
        }
    }

    public void PhaseTook(PoolKey pool, RunnerPhase phase, TimeSpan time) =>
        Of(pool, at => metrics.Phase.WithLabels([.. at, Word.Lower(phase)]).Observe(Seconds(time)));

    public void JobWaited(PoolKey pool, TimeSpan time, bool standby) =>
        Of(pool, at =>
        {
            metrics.JobWait.WithLabels(at).Observe(Seconds(time));
            metrics.StandbyHits.WithLabels(at).Inc(standby ? 1 : 0);
        });

    public void RunnerExited(PoolKey pool, OutcomeKind outcome) =>
        Of(pool, at => metrics.Exits.WithLabels([.. at, $"{outcome}"]).Inc());

    public void JobInterrupted(PoolKey pool) => Of(pool, at => metrics.Interrupted.WithLabels(at).Inc());

    public void Built(PoolKey pool, Build build) =>
        Of(pool, at =>
        {
            metrics.Builds.WithLabels([.. at, Word.Lower(build.Command), Word.Lower(build.Result)]).Inc();
            metrics.BuildTime.WithLabels([.. at, Word.Lower(build.Command)]).Observe(Seconds(build.Time));
            metrics.BuildSteps.WithLabels(at).Inc(build.Steps ?? 0);
            metrics.CachedSteps.WithLabels(at).Inc(build.CachedSteps ?? 0);
        });

    public void Reconciled(PoolKey pool, TimeSpan time, bool failed) =>
        Of(pool, at =>
        {
            metrics.Reconcile.WithLabels(at).Observe(Seconds(time));
            metrics.ReconcileFailures.WithLabels(at).Inc(failed ? 1 : 0);
        });

    public void WebhookReceived(WebhookResult result) => metrics.Webhooks.WithLabels($"{result}").Inc();

    public void DeliveryListed(DeliveryResult result) => metrics.Deliveries.WithLabels($"{result}").Inc();

    public void ClaimAnswered(string answer) => metrics.Claims.WithLabels(answer).Inc();

    public void GitHubRequest(string route, int code, bool cached, TimeSpan time)
    {
        var status = code.ToString(CultureInfo.InvariantCulture);
        metrics.Requests.WithLabels(route, status, cached ? "true" : "false").Inc();
        metrics.RequestTime.WithLabels(route).Observe(Seconds(time));
    }

    public void GitHubBudget(
        AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset)
    {
        lock (guard)
        {
            if (!accounts.ContainsKey(account))
                return;
            metrics.BudgetRemaining.WithLabels($"{account}", resource).Set(remaining);
            metrics.BudgetLimit.WithLabels($"{account}", resource).Set(limit);
            metrics.BudgetReset.WithLabels($"{account}", resource).Set(reset.ToUnixTimeSeconds());
        }
    }

    public void BoardAge(AccountKey account, TimeSpan age)
    {
        lock (guard)
        {
            accounts[account] = (age, time.GetTimestamp());
            metrics.RepositoriesUnread.WithLabels($"{account}");
        }
    }

    public void RepositoriesUnread(AccountKey account, int count)
    {
        lock (guard)
            if (accounts.ContainsKey(account))
                metrics.RepositoriesUnread.WithLabels($"{account}").Set(count);
    }

    public void GitHubSaidUnknown(string what) => metrics.Unknown.WithLabels(what).Inc();

    public void AccountForgotten(AccountKey account)
    {
        lock (guard)
        {
            accounts.Remove(account);
            Forget([$"{account}"], metrics.AccountGauges);
        }
    }

    public void Swept(string kind) => metrics.Swept.WithLabels(kind).Inc();

    public void Ignored(string what) => metrics.Ignored.WithLabels(what).Inc();

    public void WatchRestarted(string resource, string reason) =>
        metrics.WatchRestarts.WithLabels(resource, reason).Inc();

    public void ApiRefused(string verb, string resource, RefusalReason reason) =>
        metrics.Refusals.WithLabels(verb, resource, $"{reason}").Inc();

    public void Leading(bool leads)
    {
        metrics.Leader.Set(leads ? 1 : 0);
        if (leads)
            return;
        lock (guard)
        {
            accounts.Clear();
            Forget([], metrics.PoolGauges);
            Forget([], metrics.AccountGauges);
        }
    }

    /// <summary>The series that belong to no pool and whose label values are known beforehand.</summary>
    private void Begin()
    {
        foreach (var answer in (string[])["granted", "standby", "retire", "refused", "unavailable"])
            metrics.Claims.WithLabels(answer);
        Array.ForEach(Enum.GetNames<WebhookResult>(), result => metrics.Webhooks.WithLabels(result));
        Array.ForEach(Enum.GetNames<DeliveryResult>(), result => metrics.Deliveries.WithLabels(result));
        foreach (var what in (string[])["job status", "run status", "conclusion", "run", "job"])
            metrics.Unknown.WithLabels(what);
        metrics.Swept.WithLabels("registration");
        metrics.Swept.WithLabels("pod");
        foreach (var what in (string[])["annotation", "message", "pods", "runnerpools"])
            metrics.Ignored.WithLabels(what);
    }

    private void Age()
    {
        lock (guard)
            foreach (var (account, (age, at)) in accounts)
                metrics.BoardAge.WithLabels($"{account}").Set(Seconds(age + time.GetElapsedTime(at)));
    }

    private void Begin(PoolKey pool)
    {
        var at = At(pool);
        metrics.JobWait.WithLabels(at);
        metrics.StandbyHits.WithLabels(at);
        metrics.Reconcile.WithLabels(at);
        metrics.ReconcileFailures.WithLabels(at);
        metrics.Interrupted.WithLabels(at);
        metrics.BuildSteps.WithLabels(at);
        metrics.CachedSteps.WithLabels(at);
        foreach (var command in Enum.GetValues<BuildCommand>())
            metrics.BuildTime.WithLabels([.. at, Word.Lower(command)]);
        foreach (var command in Enum.GetValues<BuildCommand>())
            foreach (var result in Enum.GetValues<BuildResult>())
                metrics.Builds.WithLabels([.. at, Word.Lower(command), Word.Lower(result)]);
        foreach (var value in Enum.GetValues<RunnerPhase>())
            metrics.Phase.WithLabels([.. at, Word.Lower(value)]);
        foreach (var outcome in Enum.GetValues<OutcomeKind>())
            metrics.Exits.WithLabels([.. at, $"{outcome}"]);
    }

    private void Show(string[] at, PoolCondition condition)
    {
        var present = condition.Holds switch { true => "true", false => "false", null => "unknown" };
        foreach (var state in ConditionStates)
            metrics.Conditions.WithLabels([.. at, condition.Type, state]).Set(state == present ? 1 : 0);
        foreach (var shown in metrics.ConditionReasons.GetAllLabelValues())
            if (shown is [_, _, _, var reason] && reason != condition.Reason
                && shown.AsSpan(0, 3).SequenceEqual([.. at, condition.Type]))
                metrics.ConditionReasons.RemoveLabelled(shown);
        metrics.ConditionReasons.WithLabels([.. at, condition.Type, condition.Reason]).Set(1);
    }

    private static void Show(Gauge gauge, string[] at, int? value)
    {
        if (value is { } number)
            gauge.WithLabels(at).Set(number);
        else
            gauge.RemoveLabelled(at);
    }

    private void Of(PoolKey pool, Action<string[]> record)
    {
        lock (guard)
            if (pools.Contains(pool))
                record(At(pool));
    }

    /// <summary>Removes the series whose first label values are these.</summary>
    private static void Forget<T>(string[] first, params IReadOnlyList<Collector<T>> metrics) where T : ChildBase
    {
        foreach (var metric in metrics)
            foreach (var values in metric.GetAllLabelValues())
                if (values.AsSpan(0, first.Length).SequenceEqual(first))
                    metric.RemoveLabelled(values);
    }

    private static string[] At(PoolKey pool) => [pool.Namespace, pool.Name];

    /// <summary>Clocks of different machines may make a span negative: then it counts as none.</summary>
    private static double Seconds(TimeSpan time) => Math.Max(0, time.TotalSeconds);
}
