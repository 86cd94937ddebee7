using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>Gathers what the status page shows.</summary>
internal static class OverviewExplanation
{
    /// <summary>Of more jobs or runners, only the number is shown.</summary>
    public const int MostRows = 1000;

    private const int LatestEnds = 20;
    private const int MostBadEnds = 50;

    public static OverviewAnswer Of(Knowledge known, Reader reader)
    {
        var pools = known.Pools.Where(p => reader.MayRead(p.Key)).ToArray();
        var reasons = pools.SelectMany(ReasonsOf).ToDictionary(g => (g.Pool, g.Answer.Reason));
        return new()
        {
            Now = known.Now,
            Pools = [.. pools.Select(CardOf)],
            Problems =
            [
                .. PoolChecks.Of(known, reader).Where(c => c.Level != CheckLevel.Ok).OrderByDescending(c => c.Level),
            ],
            Reasons = [.. reasons.Values.OrderBy(g => g.IsServed).ThenByDescending(g => g.Answer.Count)],
            Queue = QueueOf(pools, reasons),
            Runners = Rows<RunnerRow>.Of(
                [.. pools.SelectMany(p => p.Fleet.Runners).Take(MostRows).Select(RowOf)], MostRows) with
            {
                All = pools.Sum(p => p.Fleet.Count),
            },
            Ended = EndsOf([.. known.Ended.Where(e => reader.MayRead(e.Pool))]),
            Budgets = BudgetsOf(known, pools),
            Phases = PhasePicture.Of(known.Phases.Where(f => reader.MayRead(f.Pool)), known.Now),
            OfNoPool = reader.MayRead(null) ? CountOfNoPool(known) : null,
        };
    }

    private static PoolCard CardOf(PoolReading pass)
    {
        var (report, ready) = (pass.Report, pass.Report.Conditions.FirstOrDefault(c => c.Type == Conditions.Ready));
        return new()
        {
            Key = pass.Key,
            IsReady = ready?.Holds,
            Sentence = Wording.Sentence(ready?.Message ?? "It has not been looked at yet."),
            MaxRunners = report.MaxRunners,
            Runners = report.Runners,
            Jobs = report.Jobs,
            OldestWait = report.OldestWait,
            Labels = [.. pass.Input?.Pool.Labels.Select(Wording.Name) ?? []],
            Explain = ExplainCommand.For($"{pass.Key}"),
        };
    }

    private static IEnumerable<ReasonGroup> ReasonsOf(PoolReading pass) =>
        PoolExplanation.Waiting(pass).Select(w => new ReasonGroup(
            pass.Key, w, pass.Plan!.Waiting.First(j => j.Reason == w.Reason).IsServed));

    private static Rows<QueueRow> QueueOf(
        PoolReading[] pools, Dictionary<(PoolKey, WaitReason), ReasonGroup> reasons)
    {
        var all = pools.SelectMany(pass => (pass.Plan?.Waiting ?? []).DistinctBy(w => w.Job.Id).Select(w => (pass, w)))
            .ToArray();
        return new(
            [
                .. all.OrderBy(q => q.w.Job.QueuedAt).ThenBy(q => q.w.Job.Id).ThenBy(q => q.pass.Key)
                    .Take(MostRows)
                    .Select(q => RowOf(q.pass, q.w, reasons[(q.pass.Key, q.w.Reason)].Answer.Sentence)),
            ],
            all.Length);
    }

    private static QueueRow RowOf(PoolReading pass, WaitingJob waiting, string usual)
    {
        var job = waiting.Job;
        var isOnItsWay = waiting.IsServed && (waiting.Runner is null || PodTrouble.Of(waiting.Runner) is null);
        var sentence = isOnItsWay ? usual : ReasonWords.Of(waiting, pass.Input!, null).Sentence;
        return new()
        {
            Key = string.Create(CultureInfo.InvariantCulture, $"{pass.Key}:{job.Id}"),
            Job = Wording.Link(job),
            Run = RunOf(job),
            Pool = pass.Key,
            Reason = waiting.Reason,
            IsServed = waiting.IsServed,
            Sentence = sentence == usual ? null : sentence,
            QueuedAt = job.QueuedAt,
            Explain = ExplainCommand.For(Wording.Url(job)),
        };
    }

    private static RunnerRow RowOf(Runner runner)
    {
        var pod = Wording.Pod(runner);
        return new()
        {
            Key = $"{runner.Pool.Namespace}/{pod}",
            Pod = pod,
            Pool = runner.Pool,
            State = runner.State,
            Since = runner.Since,
            Begun = runner.Pod?.Seen.Pod ?? runner.Since,
            Node = runner.Pod?.Node is { } node ? Wording.Name(node) : null,
            Job = runner.Job is { } job ? Wording.Link(job) : null,
            Run = runner.Job is { } ofRun ? RunOf(ofRun) : null,
            Trouble = PodTrouble.Of(runner),
            Explain = ExplainCommand.For($"{runner.Pool.Namespace}/{pod}"),
        };
    }

    private static Rows<EndRow> EndsOf(EndedRunner[] ended)
    {
        var bad = ended.Where(PoolChecks.IsBad).Take(MostBadEnds).ToHashSet();
        return new(
            [.. ended.Where((e, i) => i < LatestEnds || bad.Contains(e)).Select(RowOf)],
            ended.Length);
    }

    private static EndRow RowOf(EndedRunner ended) => new()
    {
        Key = ended.PodUid,
        End = PodExplanation.EndOf(ended),
        Run = ended.Job is { } job ? RunOf(job) : null,
        IsBad = PoolChecks.IsBad(ended),
        Explain = ExplainCommand.For(
            ended.Job is { } had ? Wording.Url(had) : $"{ended.Pool.Namespace}/{ended.Pod}"),
    };

    private static ImmutableArray<BudgetFigure> BudgetsOf(Knowledge known, PoolReading[] pools)
    {
        var accounts = pools.Select(p => p.Input?.Pool.Account.Credential).ToHashSet();
        return
        [
            .. known.Budgets.Where(b => accounts.Contains(b.Account))
                .Select(b => b with { Holder = Wording.Sentence(b.Holder), Resource = Wording.Name(b.Resource) })
                .OrderBy(b => b.Holder, StringComparer.Ordinal).ThenBy(b => b.Resource, StringComparer.Ordinal),
        ];
    }

    private static int CountOfNoPool(Knowledge known)
    {
        var ofPools = known.Pools.SelectMany(p => p.Plan?.Waiting ?? []).Select(w => (w.Job.Repository, w.Job.Id))
            .ToHashSet();
        return known.Board.Readings.SelectMany(r => r.Jobs).Where(j => j.State == JobState.Queued)
            .Select(j => (j.Repository, j.Id)).Distinct().Count(j => !ofPools.Contains(j));
    }

    private static RunLink RunOf(Job job) => new(job.RunId, Wording.RunUrl(job));
}
