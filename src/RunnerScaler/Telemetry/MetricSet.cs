using Prometheus;

namespace RunnerScaler.Telemetry;

/// <summary>Every metric by its name, labels and buckets, as listed in <c>docs/metrics.md</c>.</summary>
internal sealed class MetricSet(MetricFactory make)
{
    private static readonly double[] RequestBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] PassBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
    private static readonly double[] WaitBuckets = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 7200];
    private static readonly double[] PhaseBuckets = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 7200, 21600];
    private static readonly string[] PoolLabels = ["namespace", "pool"];
    private static readonly string[] BudgetLabels = ["account", "resource"];
    private static readonly string[] RefusalLabels = ["verb", "resource", "reason"];

    public Gauge Runners { get; } = make.CreateGauge(
        "runnerscaler_runners", "Runners by state.", [.. PoolLabels, "state"]);

    public Gauge Jobs { get; } = make.CreateGauge(
        "runnerscaler_jobs", "Jobs that the pool is to serve, by state.", [.. PoolLabels, "state"]);

    public Gauge Unserved { get; } = make.CreateGauge(
        "runnerscaler_jobs_unserved", "Queued jobs without a runner, by the reason.", [.. PoolLabels, "reason"]);

    public Gauge Limit { get; } = make.CreateGauge(
        "runnerscaler_runners_limit", "The most runners that the pool may have.", PoolLabels);

    public Gauge OldestWait { get; } = make.CreateGauge(
        "runnerscaler_jobs_oldest_wait_seconds", "How long the oldest of the pool's queued jobs has waited.",
        PoolLabels);

    public Gauge Conditions { get; } = make.CreateGauge(
        "runnerscaler_pool_condition", "1 for the present status of each of the pool's conditions, else 0.",
        [.. PoolLabels, "condition", "status"]);

    public Gauge ConditionReasons { get; } = make.CreateGauge(
        "runnerscaler_pool_condition_reason", "Always 1; tells the present reason of each of the pool's conditions.",
        [.. PoolLabels, "condition", "reason"]);

    public Histogram JobWait { get; } = make.CreateHistogram(
        "runnerscaler_job_wait_seconds", "From a job's being queued to its start.", PoolLabels, Of(WaitBuckets));

    public Counter StandbyHits { get; } = make.CreateCounter(
        "runnerscaler_standby_hits_total", "Jobs whose runner had been ready before they were queued.", PoolLabels);

    public Histogram Phase { get; } = make.CreateHistogram(
        "runnerscaler_runner_phase_seconds", "How long each part of a runner's life took.",
        [.. PoolLabels, "phase"], Of(PhaseBuckets));

    public Counter Exits { get; } = make.CreateCounter(
        "runnerscaler_runner_exits_total", "Runners that have gone, by how they ended.", [.. PoolLabels, "outcome"]);

    public Counter Interrupted { get; } = make.CreateCounter(
        "runnerscaler_jobs_interrupted_total", "Jobs that had not ended when their pod had to.", PoolLabels);

    public Counter Builds { get; } = make.CreateCounter(
        "runnerscaler_builds_total", "Image builds of jobs, by command and result.",
        [.. PoolLabels, "command", "result"]);

    public Histogram BuildTime { get; } = make.CreateHistogram(
        "runnerscaler_build_seconds", "How long image builds took.", [.. PoolLabels, "command"], Of(WaitBuckets));

    public Counter BuildSteps { get; } = make.CreateCounter(
        "runnerscaler_build_steps_total", "Steps of image builds, where BuildKit told their number.", PoolLabels);

    public Counter CachedSteps { get; } = make.CreateCounter(
        "runnerscaler_build_cached_steps_total", "Steps of image builds that came from the cache.", PoolLabels);

    public Histogram Reconcile { get; } = make.CreateHistogram(
        "runnerscaler_reconcile_seconds", "How long a pass over a pool took.", PoolLabels, Of(PassBuckets));

    public Counter ReconcileFailures { get; } = make.CreateCounter(
        "runnerscaler_reconcile_failures_total", "Passes over a pool that failed.", PoolLabels);

    public Counter Claims { get; } = make.CreateCounter(
        "runnerscaler_claims_total", "Claims of pods, by the answer.", ["answer"]);

    public Counter Webhooks { get; } = make.CreateCounter(
        "runnerscaler_webhooks_total", "Deliveries of GitHub's webhook.", ["result"]);

    public Counter Deliveries { get; } = make.CreateCounter(
        "runnerscaler_deliveries_total", "Entries in logs of deliveries.", ["result"]);

    public Counter Requests { get; } = make.CreateCounter(
        "runnerscaler_github_requests_total", "Requests to GitHub; code 0 means no answer.",
        ["route", "code", "cached"]);

    public Histogram RequestTime { get; } = make.CreateHistogram(
        "runnerscaler_github_request_seconds", "How long GitHub took to answer.", ["route"], Of(RequestBuckets));

    public Gauge BudgetRemaining { get; } = make.CreateGauge(
        "runnerscaler_github_budget_remaining", "Requests left of an account's limit.", BudgetLabels);

    public Gauge BudgetLimit { get; } = make.CreateGauge(
        "runnerscaler_github_budget_limit", "Requests that GitHub allows an account in an hour.", BudgetLabels);

    public Gauge BudgetReset { get; } = make.CreateGauge(
        "runnerscaler_github_budget_reset_timestamp_seconds", "When an account's limit is filled up again.",
        BudgetLabels);

    public Gauge BoardAge { get; } = make.CreateGauge(
        "runnerscaler_board_age_seconds", "Age of the oldest reading of an account's queue.", ["account"]);

    public Gauge RepositoriesUnread { get; } = make.CreateGauge(
        "runnerscaler_repositories_unread", "Repositories that cannot be read, whole or in part.", ["account"]);

    public Counter Unknown { get; } = make.CreateCounter(
        "runnerscaler_github_unknown_total", "What GitHub said that is not known here, by its kind.", ["what"]);

    public Counter Swept { get; } = make.CreateCounter(
        "runnerscaler_swept_total", "What nobody owned and was removed, by kind.", ["kind"]);

    public Counter Ignored { get; } = make.CreateCounter(
        "runnerscaler_ignored_total", "What others wrote and was left out, by what it was.", ["what"]);

    public Counter WatchRestarts { get; } = make.CreateCounter(
        "runnerscaler_watch_restarts_total", "Watches that were opened again.", ["resource", "reason"]);

    public Counter Refusals { get; } = make.CreateCounter(
        "runnerscaler_api_refusals_total", "Requests that the API server did not do, by reason.", RefusalLabels);

    public Gauge Leader { get; } = make.CreateGauge("runnerscaler_leader", "1 if this replica leads, else 0.");

    public Gauge BuildInfo { get; } = make.CreateGauge(
        "runnerscaler_build_info", "Always 1; tells the version.", ["version"]);

    /// <summary>Those that show a pool as it is.</summary>
    public IReadOnlyList<Collector<Gauge.Child>> PoolGauges =>
        [Runners, Limit, Jobs, Unserved, OldestWait, Conditions, ConditionReasons];

    /// <summary>Those that show an account as it is.</summary>
    public IReadOnlyList<Collector<Gauge.Child>> AccountGauges =>
        [BudgetRemaining, BudgetLimit, BudgetReset, BoardAge, RepositoriesUnread];

    public IReadOnlyList<Collector<Histogram.Child>> PoolHistograms =>
        [JobWait, Phase, BuildTime, Reconcile];

    public IReadOnlyList<Collector<Counter.Child>> PoolCounters =>
        [StandbyHits, Exits, Interrupted, Builds, BuildSteps, CachedSteps, ReconcileFailures];

    private static HistogramConfiguration Of(double[] buckets) => new() { Buckets = buckets };
}
