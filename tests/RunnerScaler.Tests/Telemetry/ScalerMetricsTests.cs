using Microsoft.Extensions.Time.Testing;
using Prometheus;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Telemetry;
using static RunnerScaler.Tests.Telemetry.Occurrences;

namespace RunnerScaler.Tests.Telemetry;

public sealed class ScalerMetricsTests
{
    private const string InLinux = "namespace=\"ci\",pool=\"linux\"";

    private readonly CollectorRegistry registry = Metrics.NewCustomRegistry();
    private readonly FakeTimeProvider time = new();
    private readonly ScalerMetrics metrics;

    public ScalerMetricsTests() => metrics = new ScalerMetrics(registry, "1.2.3", time);

    [Fact]
    public async Task APoolsReportIsShownByState()
    {
        metrics.PoolObserved(Linux, Report);

        var shown = await Exposition.OfAsync(registry);

        Assert.Equal(1, shown[$"runnerscaler_runners{{{InLinux},state=\"starting\"}}"]);
        Assert.Equal(5, shown[$"runnerscaler_runners{{{InLinux},state=\"finishing\"}}"]);
        Assert.Equal(7, shown[$"runnerscaler_jobs{{{InLinux},state=\"queued\"}}"]);
        Assert.Equal(2, shown[$"runnerscaler_jobs_unserved{{{InLinux},reason=\"PoolFull\"}}"]);
        Assert.Equal(20, shown[$"runnerscaler_runners_limit{{{InLinux}}}"]);
        Assert.Equal(31, shown[$"runnerscaler_jobs_oldest_wait_seconds{{{InLinux}}}"]);
        Assert.Equal(
            1, shown[$"runnerscaler_pool_condition_reason{{{InLinux},condition=\"Ready\",reason=\"AsExpected\"}}"]);
        Assert.Equal(1, shown[$"runnerscaler_pool_condition{{{InLinux},condition=\"Ready\",status=\"true\"}}"]);
        Assert.Equal(1, shown[$"runnerscaler_pool_condition{{{InLinux},condition=\"QueueRead\",status=\"unknown\"}}"]);
    }

    [Fact]
    public async Task AReasonThatNoLongerHoldsFallsBackToZero()
    {
        metrics.PoolObserved(Linux, Report);
        metrics.PoolObserved(Linux, Report with { Unserved = [] });

        var shown = await Exposition.OfAsync(registry);

        Assert.Equal(0, shown[$"runnerscaler_jobs_unserved{{{InLinux},reason=\"PoolFull\"}}"]);
    }

    [Fact]
    public async Task OnlyThePresentReasonOfAConditionIsShown()
    {
        metrics.PoolObserved(Linux, Report);
        metrics.PoolObserved(Linux, Report with { Conditions = [new("Ready", false, "PodsFail", "They fail.")] });

        var shown = await Exposition.OfAsync(registry);

        const string reason = "runnerscaler_pool_condition_reason{";
        var reasons = shown.Lines.Where(l => l.StartsWith(reason, StringComparison.Ordinal));
        Assert.Equal(
            [$"runnerscaler_pool_condition_reason{{{InLinux},condition=\"Ready\",reason=\"PodsFail\"}} 1"], reasons);
    }

    [Fact]
    public async Task APoolWhoseSpecBreaksARuleHasNoLimit()
    {
        metrics.PoolObserved(Linux, Report);
        metrics.PoolObserved(Linux, Report with { MaxRunners = null });

        var shown = await Exposition.OfAsync(registry);

        Assert.Null(shown[$"runnerscaler_runners_limit{{{InLinux}}}"]);
    }

    [Fact]
    public async Task EverySeriesOfAPoolIsThereFromTheFirstSight()
    {
        metrics.PoolObserved(Linux, Report with { Unserved = [] });

        var shown = await Exposition.OfAsync(registry);

        foreach (var reason in Enum.GetValues<WaitReason>())
            Assert.Equal(0, shown[$"runnerscaler_jobs_unserved{{{InLinux},reason=\"{reason}\"}}"]);
        foreach (var outcome in Enum.GetValues<OutcomeKind>())
            Assert.Equal(0, shown[$"runnerscaler_runner_exits_total{{{InLinux},outcome=\"{outcome}\"}}"]);
        foreach (var phase in Enum.GetNames<RunnerPhase>().Select(name => name.ToLowerInvariant()))
            Assert.Equal(0, shown[$"runnerscaler_runner_phase_seconds_count{{{InLinux},phase=\"{phase}\"}}"]);
        Assert.Equal(0, shown[$"runnerscaler_job_wait_seconds_count{{{InLinux}}}"]);
        Assert.Equal(0, shown[$"runnerscaler_reconcile_failures_total{{{InLinux}}}"]);
    }

    [Fact]
    public async Task NothingOfAForgottenPoolOrAccountIsLeft()
    {
        var (other, otherAccount) = (new PoolKey("ci", "linux-arm"), Account with { Secret = "other" });
        Each(metrics, Linux, Account);
        Each(metrics, other, otherAccount);

        metrics.PoolForgotten(Linux);
        metrics.AccountForgotten(Account);

        var shown = await Exposition.OfAsync(registry);
        Assert.DoesNotContain(shown.Lines, line => line.Contains(InLinux, StringComparison.Ordinal));
        Assert.DoesNotContain(shown.Lines, line => line.Contains($"{Account}", StringComparison.Ordinal));
        Assert.Equal(4, shown["runnerscaler_runners{namespace=\"ci\",pool=\"linux-arm\",state=\"busy\"}"]);
        var budget = $"runnerscaler_github_budget_remaining{{account=\"{otherAccount}\",resource=\"core\"}}";
        Assert.Equal(4000, shown[budget]);
    }

    [Fact]
    public async Task ALateWordAboutAForgottenPoolOrAccountBringsNothingBack()
    {
        Each(metrics, Linux, Account);
        metrics.PoolForgotten(Linux);
        metrics.AccountForgotten(Account);

        metrics.RunnerExited(Linux, OutcomeKind.Lost);
        metrics.JobWaited(Linux, TimeSpan.Zero, standby: true);
        metrics.PhaseTook(Linux, RunnerPhase.Job, TimeSpan.Zero);
        metrics.Built(Linux, default);
        metrics.Reconciled(Linux, TimeSpan.Zero, failed: false);
        metrics.GitHubBudget(Account, "core", 1, 2, Reset);

        var shown = await Exposition.OfAsync(registry);
        Assert.DoesNotContain(shown.Lines, line => line.Contains(InLinux, StringComparison.Ordinal));
        Assert.DoesNotContain(shown.Lines, line => line.Contains($"{Account}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OccurrencesAreCountedAndMeasured()
    {
        Each(metrics, Linux, Account);
        Each(metrics, Linux, Account);

        var shown = await Exposition.OfAsync(registry);

        Assert.Equal(2, shown[$"runnerscaler_standby_hits_total{{{InLinux}}}"]);
        Assert.Equal(24, shown[$"runnerscaler_job_wait_seconds_sum{{{InLinux}}}"]);
        Assert.Equal(2, shown[$"runnerscaler_runner_phase_seconds_bucket{{{InLinux},phase=\"claim\",le=\"5\"}}"]);
        Assert.Equal(0, shown[$"runnerscaler_runner_phase_seconds_bucket{{{InLinux},phase=\"claim\",le=\"2\"}}"]);
        Assert.Equal(2, shown[$"runnerscaler_runner_exits_total{{{InLinux},outcome=\"RanJob\"}}"]);
        Assert.Equal(2,
            shown[$"runnerscaler_builds_total{{{InLinux},command=\"build\",result=\"success\"}}"]);
        Assert.Equal(0,
            shown[$"runnerscaler_builds_total{{{InLinux},command=\"bake\",result=\"failure\"}}"]);
        Assert.Equal(16, shown[$"runnerscaler_build_seconds_sum{{{InLinux},command=\"build\"}}"]);
        Assert.Equal(18, shown[$"runnerscaler_build_steps_total{{{InLinux}}}"]);
        Assert.Equal(8, shown[$"runnerscaler_build_cached_steps_total{{{InLinux}}}"]);
        Assert.Equal(2, shown[$"runnerscaler_reconcile_failures_total{{{InLinux}}}"]);
        Assert.Equal(2, shown["runnerscaler_claims_total{answer=\"granted\"}"]);
        Assert.Equal(0, shown["runnerscaler_claims_total{answer=\"retire\"}"]);
        Assert.Equal(2, shown["runnerscaler_github_requests_total"
            + "{route=\"/repos/{owner}/{repo}/actions/runs\",code=\"304\",cached=\"true\"}"]);
        Assert.Equal(9, shown[$"runnerscaler_board_age_seconds{{account=\"{Account}\"}}"]);
        Assert.Equal(5000, shown[$"runnerscaler_github_budget_limit{{account=\"{Account}\",resource=\"core\"}}"]);
        Assert.Equal(1_800_000_000, shown[
            $"runnerscaler_github_budget_reset_timestamp_seconds{{account=\"{Account}\",resource=\"core\"}}"]);
        Assert.Equal(2, shown["runnerscaler_watch_restarts_total{resource=\"pods\",reason=\"expired\"}"]);
        Assert.Equal(1, shown["runnerscaler_leader"]);
        Assert.Equal(1, shown["runnerscaler_build_info{version=\"1.2.3\"}"]);
    }

    [Fact]
    public async Task ASpanThatClocksMadeNegativeCountsAsNone()
    {
        metrics.PoolObserved(Linux, Report);
        metrics.JobWaited(Linux, TimeSpan.FromSeconds(-4), standby: false);

        var shown = await Exposition.OfAsync(registry);

        Assert.Equal(0, shown[$"runnerscaler_job_wait_seconds_sum{{{InLinux}}}"]);
        Assert.Equal(1, shown[$"runnerscaler_job_wait_seconds_count{{{InLinux}}}"]);
    }

    [Fact]
    public async Task TheAgeOfTheBoardGrowsWhileNothingIsRead()
    {
        metrics.BoardAge(Account, TimeSpan.FromSeconds(9));
        time.Advance(TimeSpan.FromSeconds(60));

        var shown = await Exposition.OfAsync(registry);

        Assert.Equal(69, shown[$"runnerscaler_board_age_seconds{{account=\"{Account}\"}}"]);
    }

    [Fact]
    public async Task AReplicaThatStopsLeadingShowsNoGaugeOfPoolsAndAccounts()
    {
        Each(metrics, Linux, Account);
        metrics.Leading(false);

        var silent = await Exposition.OfAsync(registry);
        Each(metrics, Linux, Account);
        var again = await Exposition.OfAsync(registry);

        var busy = $"runnerscaler_runners{{{InLinux},state=\"busy\"}}";
        Assert.Null(silent[busy]);
        Assert.DoesNotContain(silent.Lines, line => line.Contains($"{Account}", StringComparison.Ordinal));
        Assert.Equal(1, silent[$"runnerscaler_runner_exits_total{{{InLinux},outcome=\"RanJob\"}}"]);
        Assert.Equal(4, again[busy]);
        Assert.Equal(2, again[$"runnerscaler_runner_exits_total{{{InLinux},outcome=\"RanJob\"}}"]);
    }
}
