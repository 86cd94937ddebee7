using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Explaining;

/// <summary>Says of a pool how it is, and what its jobs wait for.</summary>
internal static class PoolExplanation
{
    public const int MostQueued = 50;
    public const int MostPods = 200;
    public const int MostEnded = 10;

    /// <returns>The pools that the reader may be told of.</returns>
    public static PoolsAnswer All(Knowledge known, Reader reader) => new(
    [
        .. known.Pools.Where(p => reader.MayRead(p.Key)).Select(p => new PoolLink(
            p.Key.Namespace, p.Key.Name, Summary(p), Counts(p.Report.Runners), Queue(p.Report))),
    ]);

    /// <returns>Null if there is no such pool for the reader.</returns>
    public static PoolAnswer? Of(Knowledge known, Reader reader, PoolKey key) =>
        reader.MayRead(key) && known.Pool(key) is { } pass ? Of(known, pass) : null;

    private static PoolAnswer Of(Knowledge known, PoolReading pass) => new()
    {
        Namespace = pass.Key.Namespace,
        Name = pass.Key.Name,
        Summary = Summary(pass),
        At = pass.At,
        MaxRunners = pass.Report.MaxRunners,
        Labels = [.. pass.Input?.Pool.Labels.Select(Wording.Name) ?? []],
        Runners = Counts(pass.Report.Runners),
        Jobs = Queue(pass.Report),
        Conditions =
        [
            .. pass.Report.Conditions.Select(c => new ConditionAnswer(
                c.Type, c.Holds switch { true => "True", false => "False", null => "Unknown" }, c.Reason,
                Wording.Sentence(c.Message), Conditions.IsBad(c))),
        ],
        Waiting = [.. Waiting(pass).OrderByDescending(w => w.Count).ThenBy(w => w.Reason)],
        Queue =
        [
            .. (pass.Plan?.Waiting ?? []).OrderBy(w => w.Job.QueuedAt).Take(MostQueued)
                .Select(w => new QueuedAnswer(Wording.Link(w.Job), w.Reason, w.Job.QueuedAt)),
        ],
        Pods =
        [
            .. pass.Fleet.Runners.Take(MostPods).Select(r => new PodLink(
                Wording.Pod(r), r.State, r.Since, r.Pod?.Node, r.Job is { } job ? Wording.Link(job) : null)),
        ],
        Ended =
        [
            .. known.Ended.Where(e => e.Pool == pass.Key).Take(MostEnded).Select(PodExplanation.EndOf),
        ],
    };

    /// <summary>What its jobs wait for.</summary>
    public static IEnumerable<ReasonAnswer> Waiting(PoolReading pass) =>
        from waiting in pass.Plan?.Waiting ?? []
        group waiting by waiting.Reason into same
        let words = ReasonWords.Of(same.MinBy(w => w.Job.QueuedAt), pass.Input!, null)
        select new ReasonAnswer(same.Key, same.Count(), words.Sentence, words.Remedy);

    private static CountsAnswer Counts(RunnerCounts runners) =>
        new(runners.Starting, runners.Standby, runners.Registered, runners.Busy, runners.Finishing);

    private static QueueAnswer Queue(PoolReport report) => new(
        report.Jobs.Queued, report.Jobs.Running, report.Jobs.Unserved, (int)report.OldestWait.TotalSeconds);

    private static string Summary(PoolReading pass)
    {
        var (report, ready) = (pass.Report, pass.Report.Conditions.FirstOrDefault(c => c.Type == Conditions.Ready));
        return Wording.Sentence(string.Create(CultureInfo.InvariantCulture,
            $"{ready?.Message ?? "It has not been looked at yet."} {report.Runners.All} runners, {report.Runners.Busy} "
            + $"of them busy; {report.Jobs.Queued} jobs wait, the oldest for {Wording.Span(report.OldestWait)}."));
    }
}
