using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.State;

/// <summary>
/// Shows what passes saw: metrics when they change, Events when a condition does, the status at most every two seconds;
/// and keeps it for those who ask.
/// </summary>
internal sealed class StatusReporter(
    IPoolStore pools,
    IEventSink events,
    IScalerMetrics metrics,
    PoolReadings readings,
    UnmatchedMemory unmatched,
    TimeProvider time)
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(2);

    public WorkQueue<PoolKey> Keys { get; } = new(time);

    public void Offer(PoolReading reading)
    {
        var (pool, report) = (reading.Key, reading.Report);
        var before = readings.Note(reading)?.Report;
        if (reading.Input is { } input)
            Announce(input.Pool, before, unmatched.Saw(input.Pool, input.Demand.Unmatched, input.Now));
        if (before?.IsSameAs(report) != true)
            metrics.PoolObserved(pool, report);
        if (before is null)
            Keys.Add(pool);
        else
            Keys.AddAfter(pool, Spacing);
        Announce(pool, before, report);
    }

    public void Warn(PoolKey pool, string reason, string note) => events.Publish(pool, true, reason, note);

    /// <summary>Tells of a pod, on the pod itself.</summary>
    public void Tell(PodFacts pod, bool warning, string reason, string note) =>
        events.Publish(pod, warning, reason, note);

    public void Forget(PoolKey pool) => readings.Forget(pool);

    /// <summary>Writes the latest status of a pool.</summary>
    public async Task<ReconcileResult> WriteAsync(PoolKey pool, CancellationToken cancel) => ReconcileResult.DoneIf(
        readings.Of(pool) is not { } reading || await pools.ReportAsync(pool, reading.Report, cancel));

    /// <summary>When the condition turns bad that is told for itself: here, what came while it was.</summary>
    private void Announce(Pool nearest, PoolReport? before, ImmutableArray<UnmatchedLabels> news)
    {
        if (!news.IsEmpty && before?.Conditions.Any(c => c is { Type: Conditions.JobsUnmatched, Holds: true }) == true)
            events.Publish(nearest.Key, true, "LabelsUnmatched", UnmatchedReporter.Begun(
                nearest, news[0].Example, news.Length - 1));
    }

    private void Announce(PoolKey pool, PoolReport? before, PoolReport now)
    {
        foreach (var condition in now.Conditions)
        {
            var known = before?.Conditions.FirstOrDefault(c => c.Type == condition.Type);
            var isNews = known is null
                ? Conditions.IsBad(condition)
                : (known.Holds, known.Reason) != (condition.Holds, condition.Reason);
            if (isNews && condition.Holds is not null)
                events.Publish(pool, Conditions.IsBad(condition), condition.Reason, condition.Message);
        }
    }
}
