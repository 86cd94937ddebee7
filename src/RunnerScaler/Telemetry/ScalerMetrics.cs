using System.Globalization;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Telemetry;

/// <summary>
/// Every metric, as listed in <c>docs/metrics.md</c>. A pool's series begin, at 0, with its first
/// <see cref="PoolObserved"/> and end with <see cref="PoolForgotten"/>; what is told outside that time is dropped. An
/// account's last from <see cref="BoardAge"/> to <see cref="AccountForgotten"/>. Who does not lead shows no gauge.
/// </summary>
internal sealed class ScalerMetrics : IScalerMetrics
{
    private static readonly double[] RequestBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] PassBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
    private static readonly double[] WaitBuckets = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 7200];
    private static readonly double[] PhaseBuckets = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 7200, 21600];
    private static readonly string[] PoolLabels = ["namespace", "pool"];
    private static readonly string[] BudgetLabels = ["account", "resource"];
    private static readonly string[] RefusalLabels = ["verb", "resource", "reason"];
    private static readonly string[] ConditionStates = ["true", "false", "unknown"];

    private readonly Lock guard = new();
    private readonly HashSet<PoolKey> pools = [];
    private readonly Dictionary<AccountKey, (TimeSpan Age, long At)> accounts = [];
    private readonly TimeProvider time;
    private readonly Gauge runners;
    private readonly Gauge jobs;
    private readonly Gauge unserved;
    private readonly Gauge limit;
    private readonly Gauge oldestWait;
    private readonly Gauge conditions;
    private readonly Gauge conditionReasons;
    private readonly Histogram jobWait;
    private readonly Counter standbyHits;
    private readonly Histogram phase;
    private readonly Counter exits;
    private readonly Counter interrupted;
    private readonly Counter builds;
    private readonly Histogram buildTime;
    private readonly Counter buildSteps;
    private readonly Counter cachedSteps;
    private readonly Histogram reconcile;
    private readonly Counter reconcileFailures;
    private readonly Counter claims;
    private readonly Counter webhooks;
    private readonly Counter deliveries;
    private readonly Counter requests;
    private readonly Histogram requestTime;
    private readonly Gauge budgetRemaining;
    private readonly Gauge budgetLimit;
    private readonly Gauge budgetReset;
    private readonly Gauge boardAge;
    private readonly Gauge repositoriesUnread;
    private readonly Counter unknown;
    private readonly Counter swept;
    private readonly Counter ignored;
    private readonly Counter watchRestarts;
    private readonly Counter refusals;
    private readonly Gauge leader;

    /// <param name="registry">Where the metrics live.</param>
    /// <param name="version">The program's version, for <c>runnerscaler_build_info</c>.</param>
    /// <param name="time">By which the age of what was read goes on growing while nothing is.</param>
    public ScalerMetrics(CollectorRegistry registry, string version, TimeProvider time)
    {
        this.time = time;
        registry.AddBeforeCollectCallback(Age);
        var make = Metrics.WithCustomRegistry(registry);
        (runners, limit) = OfRunners(make);
        (jobs, unserved, oldestWait) = OfJobs(make);
        (conditions, conditionReasons) = OfConditions(make);
        jobWait = make.CreateHistogram(
            "runnerscaler_job_wait_seconds", "From a job's being queued to its start.", PoolLabels, Of(WaitBuckets));
        standbyHits = make.CreateCounter(
            "runnerscaler_standby_hits_total", "Jobs whose runner had been ready before they were queued.", PoolLabels);
        phase = make.CreateHistogram(
            "runnerscaler_runner_phase_seconds", "How long each part of a runner's life took.",
            [.. PoolLabels, "phase"], Of(PhaseBuckets));
        exits = make.CreateCounter(
            "runnerscaler_runner_exits_total", "Runners that have gone, by how they ended.",
            [.. PoolLabels, "verdict"]);
        interrupted = make.CreateCounter(
            "runnerscaler_jobs_interrupted_total", "Jobs that had not ended when their pod had to.", PoolLabels);
        builds = make.CreateCounter(
            "runnerscaler_builds_total", "Image builds of jobs, by command and result.",
            [.. PoolLabels, "command", "result"]);
        buildTime = make.CreateHistogram(
            "runnerscaler_build_seconds", "How long image builds took.", [.. PoolLabels, "command"], Of(WaitBuckets));
        buildSteps = make.CreateCounter(
            "runnerscaler_build_steps_total", "Steps of image builds, where BuildKit told their number.", PoolLabels);
        cachedSteps = make.CreateCounter(
            "runnerscaler_build_cached_steps_total", "Steps of image builds that came from the cache.", PoolLabels);
        reconcile = make.CreateHistogram(
            "runnerscaler_reconcile_seconds", "How long a pass over a pool took.", PoolLabels, Of(PassBuckets));
        reconcileFailures = make.CreateCounter(
            "runnerscaler_reconcile_failures_total", "Passes over a pool that failed.", PoolLabels);
        claims = make.CreateCounter("runnerscaler_claims_total", "Claims of pods, by the answer.", ["answer"]);
        webhooks = make.CreateCounter("runnerscaler_webhooks_total", "Deliveries of GitHub's webhook.", ["result"]);
        deliveries = make.CreateCounter("runnerscaler_deliveries_total", "Entries in logs of deliveries.", ["result"]);
        (requests, requestTime, unknown) = OfGitHub(make);
        (budgetRemaining, budgetLimit, budgetReset) = OfBudgets(make);
        (repositoriesUnread, boardAge) = OfBoards(make);
        swept = make.CreateCounter("runnerscaler_swept_total", "What nobody owned and was removed, by kind.", ["kind"]);
        ignored = make.CreateCounter(
            "runnerscaler_ignored_total", "What others wrote and was left out, by what it was.", ["what"]);
        watchRestarts = make.CreateCounter(
            "runnerscaler_watch_restarts_total", "Watches that were opened again.", ["resource", "reason"]);
        refusals = make.CreateCounter(
            "runnerscaler_api_refusals_total", "Requests that the API server did not do, by reason.", RefusalLabels);
        leader = make.CreateGauge("runnerscaler_leader", "1 if this replica leads, else 0.");
        TellVersion(make, version);
        Begin();
    }

    private static void TellVersion(MetricFactory make, string version) =>
        make.CreateGauge("runnerscaler_build_info", "Always 1; tells the version.", ["version"])
            .WithLabels(version).Set(1);

    public void PoolObserved(PoolKey pool, PoolReport report)
    {
        lock (guard)
        {
            if (pools.Add(pool))
                Begin(pool);
            var (key, count) = (At(pool), report.Runners);
            runners.WithLabels([.. key, "starting"]).Set(count.Starting);
            runners.WithLabels([.. key, "standby"]).Set(count.Standby);
            runners.WithLabels([.. key, "registered"]).Set(count.Registered);
            runners.WithLabels([.. key, "busy"]).Set(count.Busy);
            runners.WithLabels([.. key, "finishing"]).Set(count.Finishing);
            jobs.WithLabels([.. key, "queued"]).Set(report.Jobs.Queued);
            jobs.WithLabels([.. key, "running"]).Set(report.Jobs.Running);
            foreach (var reason in Enum.GetValues<Reason>())
                unserved.WithLabels([.. key, $"{reason}"]).Set(report.Unserved.GetValueOrDefault(reason));
            Show(limit, key, report.MaxRunners);
            oldestWait.WithLabels(key).Set(Seconds(report.OldestWait));
            foreach (var condition in report.Conditions)
                Show(key, condition);
            foreach (var gone in Conditions.All.Except(report.Conditions.Select(c => c.Type)))
                Forget([.. key, gone], conditions, conditionReasons);
        }
    }

    public void PoolForgotten(PoolKey pool)
    {
        lock (guard)
        {
            pools.Remove(pool);
            Forget(At(pool), runners, limit, jobs, unserved, oldestWait, conditions, conditionReasons);
            Forget(At(pool), jobWait, phase, buildTime, reconcile);
            Forget(At(pool), standbyHits, exits, interrupted, builds, buildSteps, cachedSteps, reconcileFailures);
        }
    }

    public void PhaseTook(PoolKey pool, RunnerPhase phase, TimeSpan time) =>
        Of(pool, at => this.phase.WithLabels([.. at, Lower(phase)]).Observe(Seconds(time)));

    public void JobWaited(PoolKey pool, TimeSpan time, bool standby) =>
        Of(pool, at =>
        {
            jobWait.WithLabels(at).Observe(Seconds(time));
            standbyHits.WithLabels(at).Inc(standby ? 1 : 0);
        });

    public void RunnerExited(PoolKey pool, Verdict verdict) =>
        Of(pool, at => exits.WithLabels([.. at, $"{verdict}"]).Inc());

    public void JobInterrupted(PoolKey pool) => Of(pool, at => interrupted.WithLabels(at).Inc());

    public void Built(PoolKey pool, Build build) =>
        Of(pool, at =>
        {
            builds.WithLabels([.. at, Lower(build.Command), Lower(build.Result)]).Inc();
            buildTime.WithLabels([.. at, Lower(build.Command)]).Observe(Seconds(build.Time));
            buildSteps.WithLabels(at).Inc(build.Steps ?? 0);
            cachedSteps.WithLabels(at).Inc(build.CachedSteps ?? 0);
        });

    public void Reconciled(PoolKey pool, TimeSpan time, bool failed) =>
        Of(pool, at =>
        {
            reconcile.WithLabels(at).Observe(Seconds(time));
            reconcileFailures.WithLabels(at).Inc(failed ? 1 : 0);
        });

    public void WebhookReceived(WebhookResult result) => webhooks.WithLabels($"{result}").Inc();

    public void DeliveryListed(DeliveryResult result) => deliveries.WithLabels($"{result}").Inc();

    public void ClaimAnswered(string answer) => claims.WithLabels(answer).Inc();

    public void GitHubRequest(string route, int code, bool cached, TimeSpan time)
    {
        requests.WithLabels(route, code.ToString(CultureInfo.InvariantCulture), cached ? "true" : "false").Inc();
        requestTime.WithLabels(route).Observe(Seconds(time));
    }

    public void GitHubBudget(
        AccountKey account, string resource, int remaining, int limit, DateTimeOffset reset)
    {
        lock (guard)
        {
            if (!accounts.ContainsKey(account))
                return;
            budgetRemaining.WithLabels($"{account}", resource).Set(remaining);
            budgetLimit.WithLabels($"{account}", resource).Set(limit);
            budgetReset.WithLabels($"{account}", resource).Set(reset.ToUnixTimeSeconds());
        }
    }

    public void BoardAge(AccountKey account, TimeSpan age)
    {
        lock (guard)
        {
            accounts[account] = (age, time.GetTimestamp());
            repositoriesUnread.WithLabels($"{account}");
        }
    }

    public void RepositoriesUnread(AccountKey account, int count)
    {
        lock (guard)
            if (accounts.ContainsKey(account))
                repositoriesUnread.WithLabels($"{account}").Set(count);
    }

    public void GitHubSaidUnknown(string what) => unknown.WithLabels(what).Inc();

    public void AccountForgotten(AccountKey account)
    {
        lock (guard)
        {
            accounts.Remove(account);
            Forget([$"{account}"], budgetRemaining, budgetLimit, budgetReset, boardAge, repositoriesUnread);
        }
    }

    public void Swept(string kind) => swept.WithLabels(kind).Inc();

    public void Ignored(string what) => ignored.WithLabels(what).Inc();

    public void WatchRestarted(string resource, string reason) => watchRestarts.WithLabels(resource, reason).Inc();

    public void ApiRefused(string verb, string resource, RefusalReason reason) =>
        refusals.WithLabels(verb, resource, $"{reason}").Inc();

    public void Leading(bool leads)
    {
        leader.Set(leads ? 1 : 0);
        if (leads)
            return;
        lock (guard)
        {
            accounts.Clear();
            Forget([], runners, limit, jobs, unserved, oldestWait, conditions, conditionReasons);
            Forget([], budgetRemaining, budgetLimit, budgetReset, boardAge, repositoriesUnread);
        }
    }

    private static (Counter Requests, Histogram Time, Counter Unknown) OfGitHub(MetricFactory make) =>
    (
        make.CreateCounter(
            "runnerscaler_github_requests_total", "Requests to GitHub; code 0 means no answer.",
            ["route", "code", "cached"]),
        make.CreateHistogram(
            "runnerscaler_github_request_seconds", "How long GitHub took to answer.", ["route"], Of(RequestBuckets)),
        make.CreateCounter(
            "runnerscaler_github_unknown_total", "What GitHub said that is not known here, by its kind.", ["what"]));

    private static (Gauge Runners, Gauge Limit) OfRunners(MetricFactory make) =>
    (
        make.CreateGauge("runnerscaler_runners", "Runners by state.", [.. PoolLabels, "state"]),
        make.CreateGauge("runnerscaler_runners_limit", "The most runners that the pool may have.", PoolLabels));

    private static (Gauge Jobs, Gauge Unserved, Gauge OldestWait) OfJobs(MetricFactory make) =>
    (
        make.CreateGauge("runnerscaler_jobs", "Jobs that the pool is to serve, by state.", [.. PoolLabels, "state"]),
        make.CreateGauge(
            "runnerscaler_jobs_unserved", "Queued jobs without a runner, by the reason.", [.. PoolLabels, "reason"]),
        make.CreateGauge(
            "runnerscaler_jobs_oldest_wait_seconds", "How long the oldest of the pool's queued jobs has waited.",
            PoolLabels));

    private static (Gauge Conditions, Gauge Reasons) OfConditions(MetricFactory make) =>
    (
        make.CreateGauge(
            "runnerscaler_pool_condition", "1 for the present status of each of the pool's conditions, else 0.",
            [.. PoolLabels, "condition", "status"]),
        make.CreateGauge(
            "runnerscaler_pool_condition_reason",
            "Always 1; tells the present reason of each of the pool's conditions.",
            [.. PoolLabels, "condition", "reason"]));

    private static (Gauge Remaining, Gauge Limit, Gauge Reset) OfBudgets(MetricFactory make) =>
    (
        make.CreateGauge("runnerscaler_github_budget_remaining", "Requests left of an account's limit.", BudgetLabels),
        make.CreateGauge(
            "runnerscaler_github_budget_limit", "Requests that GitHub allows an account in an hour.", BudgetLabels),
        make.CreateGauge(
            "runnerscaler_github_budget_reset_timestamp_seconds", "When an account's limit is filled up again.",
            BudgetLabels));

    private static (Gauge Unread, Gauge Age) OfBoards(MetricFactory make) =>
    (
        make.CreateGauge(
            "runnerscaler_repositories_unread", "Repositories that cannot be read, whole or in part.", ["account"]),
        make.CreateGauge(
            "runnerscaler_board_age_seconds", "Age of the oldest reading of an account's queue.", ["account"]));

    /// <summary>The series that belong to no pool and whose label values are known beforehand.</summary>
    private void Begin()
    {
        foreach (var answer in (string[])["granted", "standby", "retire", "refused", "unavailable"])
            claims.WithLabels(answer);
        Array.ForEach(Enum.GetNames<WebhookResult>(), result => webhooks.WithLabels(result));
        Array.ForEach(Enum.GetNames<DeliveryResult>(), result => deliveries.WithLabels(result));
        foreach (var what in (string[])["job status", "run status", "conclusion", "run", "job"])
            unknown.WithLabels(what);
        swept.WithLabels("registration");
        swept.WithLabels("pod");
        foreach (var what in (string[])["mark", "message", "pods", "runnerpools"])
            ignored.WithLabels(what);
    }

    private void Age()
    {
        lock (guard)
            foreach (var (account, (age, at)) in accounts)
                boardAge.WithLabels($"{account}").Set(Seconds(age + time.GetElapsedTime(at)));
    }

    private void Begin(PoolKey pool)
    {
        var at = At(pool);
        jobWait.WithLabels(at);
        standbyHits.WithLabels(at);
        reconcile.WithLabels(at);
        reconcileFailures.WithLabels(at);
        interrupted.WithLabels(at);
        buildSteps.WithLabels(at);
        cachedSteps.WithLabels(at);
        foreach (var command in Enum.GetValues<BuildCommand>())
            buildTime.WithLabels([.. at, Lower(command)]);
        foreach (var command in Enum.GetValues<BuildCommand>())
            foreach (var result in Enum.GetValues<BuildResult>())
                builds.WithLabels([.. at, Lower(command), Lower(result)]);
        foreach (var value in Enum.GetValues<RunnerPhase>())
            phase.WithLabels([.. at, Lower(value)]);
        foreach (var verdict in Enum.GetValues<Verdict>())
            exits.WithLabels([.. at, $"{verdict}"]);
    }

    private void Show(string[] at, PoolCondition condition)
    {
        var present = condition.Holds switch { true => "true", false => "false", null => "unknown" };
        foreach (var state in ConditionStates)
            conditions.WithLabels([.. at, condition.Type, state]).Set(state == present ? 1 : 0);
        foreach (var shown in conditionReasons.GetAllLabelValues())
            if (shown is [_, _, _, var reason] && reason != condition.Reason
                && shown.AsSpan(0, 3).SequenceEqual([.. at, condition.Type]))
                conditionReasons.RemoveLabelled(shown);
        conditionReasons.WithLabels([.. at, condition.Type, condition.Reason]).Set(1);
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
    private static void Forget<T>(string[] first, params ReadOnlySpan<Collector<T>> metrics) where T : ChildBase
    {
        foreach (var metric in metrics)
            foreach (var values in metric.GetAllLabelValues())
                if (values.AsSpan(0, first.Length).SequenceEqual(first))
                    metric.RemoveLabelled(values);
    }

    private static string[] At(PoolKey pool) => [pool.Namespace, pool.Name];

    private static string Lower<T>(T word) where T : struct, Enum => $"{word}".ToLowerInvariant();

    /// <summary>Clocks of different machines may make a span negative: then it counts as none.</summary>
    private static double Seconds(TimeSpan time) => Math.Max(0, time.TotalSeconds);

    private static HistogramConfiguration Of(double[] buckets) => new() { Buckets = buckets };
}
