using System.Globalization;
using System.Text;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>Answers as text for a terminal. All that others wrote in them is bounded and plain already.</summary>
internal static class HumanText
{
    public static string Of(JobAnswer job)
    {
        var text = new StringBuilder();
        Head(text, $"Job {Quoted(job.Name)} of {job.Repository}", job.Url);
        Write(text, job);
        return text.ToString();
    }

    public static string Of(RunAnswer run)
    {
        var text = new StringBuilder();
        Head(text, string.Create(CultureInfo.InvariantCulture, $"Run {run.Id} of {run.Repository}"), run.Url);
        text.Append("  ").AppendLine(run.Summary);
        foreach (var job in run.Jobs)
        {
            text.AppendLine();
            Head(text, $"Job {Quoted(job.Name)}", job.Url);
            Write(text, job);
        }
        if (run.MoreJobs > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"{run.MoreJobs} more jobs are not shown.");
        return text.ToString();
    }

    public static string Of(PodAnswer pod)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Pod {pod.Namespace}/{pod.Name} of pool {pod.Pool}");
        Line(text, "state", pod.State is { } state ? $"{state} since {Time(pod.Since)}" : $"gone at {Time(pod.Since)}");
        Line(text, "", pod.Summary);
        Line(text, "change", pod.Trouble?.Remedy);
        Line(text, "runner", pod.RunnerName);
        Line(text, "node", pod.Node);
        Line(text, "job", pod.Job is { } job ? $"{Quoted(job.Name)} of {job.Repository}, {job.Url}" : null);
        Line(text, "path", Path(
            ("seen", pod.SeenAt), ("node", pod.ScheduledAt), ("started", pod.StartedAt), ("claimed", pod.ClaimedAt),
            ("registered", pod.RegisteredAt)));
        if (pod.State is not null)
            Line(text, "before it", pod.Ended?.Sentence);
        return text.ToString();
    }

    public static string Of(PoolAnswer pool)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Pool {pool.Namespace}/{pool.Name}");
        Line(text, "", pool.Summary);
        Line(text, "labels", string.Join(", ", pool.Labels));
        var runners = pool.Runners;
        Line(text, "runners", string.Create(CultureInfo.InvariantCulture,
            $"{runners.Starting} starting, {runners.Standby} standby, {runners.Registered} registered, {runners.Busy} "
            + $"busy, {runners.Finishing} finishing; at most {pool.MaxRunners}"));
        foreach (var bad in pool.Conditions.Where(c => c.IsBad))
            Line(text, "condition", $"{bad.Type} {bad.Status}, {bad.Reason}: {bad.Message}");
        foreach (var (reason, count, sentence, remedy) in pool.Waiting)
        {
            Line(text, "waiting", string.Create(CultureInfo.InvariantCulture, $"{count} {reason}: {sentence}"));
            Line(text, "change", remedy);
        }
        foreach (var (name, state, since, node, job) in pool.Pods)
            Line(text, "pod", $"{name} {state} since {Time(since)}" + (node is null ? "" : $" on {node}")
                + (job is null ? "" : $", job {Quoted(job.Name)} of {job.Repository}"));
        foreach (var ended in pool.Ended)
            Line(text, "ended", $"{Time(ended.EndedAt)} {ended.Outcome}: {ended.Sentence}");
        return text.ToString();
    }

    public static string Of(PoolsAnswer pools)
    {
        var text = new StringBuilder();
        foreach (var pool in pools.Pools)
            text.AppendLine(CultureInfo.InvariantCulture, $"{pool.Namespace}/{pool.Name}: {pool.Summary}");
        return pools.Pools.IsEmpty ? "There is no pool that you may read.\n" : text.ToString();
    }

    public static string Of(ChecksAnswer checks)
    {
        var text = new StringBuilder();
        foreach (var (check, level, about, sentence, remedy) in checks.Checks)
        {
            text.Append($"{level}".ToLowerInvariant().PadRight(10)).Append(check).Append(": ")
                .Append(about is null ? "" : $"{about}: ").AppendLine(sentence);
            if (remedy is not null)
                text.Append("          → ").AppendLine(remedy);
        }
        return text.ToString();
    }

    private static void Head(StringBuilder text, string what, string url) =>
        text.AppendLine(what).Append("  ").AppendLine(url);

    private static void Write(StringBuilder text, JobAnswer job)
    {
        Line(text, "state", State(job));
        Line(text, "", job.Summary);
        Line(text, "reason", Reason(job.Waits));
        Line(text, "change", job.Waits?.Remedy);
        Line(text, "labels", string.Join(", ", job.Labels));
        foreach (var (label, says) in job.Nearest?.Labels ?? [])
            Line(text, "missing", $"{Quoted(label)}: {says}");
        Line(text, "pool", job.Pool);
        Line(text, "place", job.Place is { } place
            ? string.Create(CultureInfo.InvariantCulture, $"{place.Position} of {place.Of} in the pool's queue")
            : null);
        Line(text, "estimate", job.Estimate is { } estimate
            ? string.Create(CultureInfo.InvariantCulture,
                $"about {estimate.Seconds} s until a pod is ready: {estimate.Basis}")
            : null);
        Line(text, "pod", job.Pod is { } pod ? $"{pod.Namespace}/{pod.Name}, {pod.State}: {pod.Summary}" : null);
        Line(text, "ended", job.Ended is { } ended ? $"{Time(ended.EndedAt)} {ended.Outcome}: {ended.Sentence}" : null);
        Line(text, "path", Path(
            ("queued", job.QueuedAt), ("claimed", job.Pod?.ClaimedAt ?? job.Ended?.ClaimedAt),
            ("registered", job.Pod?.RegisteredAt ?? job.Ended?.RegisteredAt), ("started", job.StartedAt),
            ("ended", job.CompletedAt)));
    }

    private static string State(JobAnswer job) => job.State switch
    {
        JobState.Queued => $"queued since {Time(job.QueuedAt)}",
        JobState.Running => $"running since {Time(job.StartedAt ?? job.QueuedAt)}",
        JobState.Blocked => "waits at GitHub",
        _ => job.Conclusion is { } conclusion ? $"ended: {conclusion}" : "ended",
    };

    private static string? Reason(WaitAnswer? waits) => waits?.Reason is not { } reason
        ? null
        : $"{reason}" + (waits.Since is { } since ? $" since {Time(since)}" : "")
            + (waits.Until is { } until ? $", next try at {Time(until)}" : "");

    private static string? Path(params (string What, DateTimeOffset? At)[] steps)
    {
        var known = steps.Where(s => s.At is not null).Select(s => $"{s.What} {Time(s.At!.Value)}").ToArray();
        return known.Length == 0 ? null : string.Join(" · ", known);
    }

    private static void Line(StringBuilder text, string what, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            text.Append("  ").Append(what.PadRight(10)).AppendLine(value);
    }

    private static string Quoted(string shown) => $"'{shown}'";

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
