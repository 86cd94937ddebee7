using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>
/// Measures the parts of a runner's life, each once, and each by one clock: what a node does by the node's, what lies
/// between our sightings by ours.
/// </summary>
internal sealed class PhaseTimings(IScalerMetrics metrics, RecentFigures figures, TimeProvider time)
{
    /// <summary>How long a job or a runner that nobody mentions any more is remembered.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Lock guard = new();
    private readonly Dictionary<long, SeenJob> jobs = [];
    private readonly Dictionary<string, RegisteredRunner> registered = [];
    private readonly Dictionary<string, DateTimeOffset> claims = [];
    private DateTimeOffset lastPruned;

    /// <summary>Begins to measure a request.</summary>
    /// <returns>What its end is told with.</returns>
    public long Begin() => time.GetTimestamp();

    /// <summary>A pod was made by the request that began then.</summary>
    public void Created(PoolKey pool, long begun) => Took(pool, RunnerPhase.Create, time.GetElapsedTime(begun));

    /// <summary>
    /// A pod claims for the first time. The kubelet reports in its own time that it runs: most claim before that.
    /// </summary>
    public void Claimed(PodFacts pod, DateTimeOffset now)
    {
        lock (guard)
            claims[pod.Uid] = now;
        Saw(pod);
    }

    /// <summary>The watch shows the pod so.</summary>
    public void Saw(PodFacts pod)
    {
        if (pod is not { ScheduledAt: { } scheduled, StartedAt: { } started })
            return;
        DateTimeOffset claimed;
        lock (guard)
            if (!claims.Remove(pod.Uid, out claimed))
                return;
        Took(pod.Pool, RunnerPhase.Schedule, scheduled - pod.CreatedAt);

        // Of one that ran before this process saw it, a claim need not be the first.
        if (pod.Seen.Scheduled is not { } seen)
            return;
        var start = Positive(started - (pod.AcceptedAt ?? scheduled));
        Took(pod.Pool, RunnerPhase.Start, start);
        Took(pod.Pool, RunnerPhase.Claim, claimed - seen - start);
    }

    /// <summary>The pod is gone.</summary>
    public void Gone(PodFacts pod)
    {
        lock (guard)
            claims.Remove(pod.Uid);
    }

    /// <param name="pool">The runner's pool.</param>
    /// <param name="runnerName">Its name at GitHub.</param>
    /// <param name="begun">When GitHub was asked to register it.</param>
    /// <param name="claimedAt">When its pod claimed first; null if that is not known.</param>
    /// <param name="now">When it was registered.</param>
    public void Registered(
        PoolKey pool, string runnerName, long begun, DateTimeOffset? claimedAt, DateTimeOffset now)
    {
        Took(pool, RunnerPhase.Register, time.GetElapsedTime(begun));
        lock (guard)
            registered[runnerName] = new(pool, claimedAt, now);
    }

    /// <summary>The board shows these jobs, read at this time.</summary>
    public void Saw(ImmutableArray<Job> read, DateTimeOffset at)
    {
        lock (guard)
        {
            foreach (var job in read)
                See(job, at);
            if (at - lastPruned > Memory / 4)
                Prune(at);
        }
    }

    /// <summary>When the board first showed a job; null if it never did, or has not for long.</summary>
    public DateTimeOffset? FirstSeen(long job)
    {
        lock (guard)
            return jobs.GetValueOrDefault(job)?.FirstAt;
    }

    private void See(Job job, DateTimeOffset at)
    {
        var known = jobs.GetValueOrDefault(job.Id) ?? new SeenJob(at);
        jobs[job.Id] = known with { LastAt = at };
        if (job.RunnerName is null || !registered.TryGetValue(job.RunnerName, out var runner))
            return;
        if (!known.Started && job.StartedAt is { } started)
        {
            metrics.JobWaited(runner.Pool, Positive(started - job.QueuedAt), runner.ClaimedAt < job.QueuedAt);
            Took(runner.Pool, RunnerPhase.Detect, known.FirstAt - job.QueuedAt);
            Took(runner.Pool, RunnerPhase.Assign, started - runner.At);
            jobs[job.Id] = jobs[job.Id] with { Started = true };
        }
        if (!known.Ended && job is { StartedAt: { } from, CompletedAt: { } to })
        {
            Took(runner.Pool, RunnerPhase.Job, to - from);
            jobs[job.Id] = jobs[job.Id] with { Ended = true };
        }
    }

    private void Took(PoolKey pool, RunnerPhase phase, TimeSpan time)
    {
        metrics.PhaseTook(pool, phase, Positive(time));
        figures.Took(pool, phase, Positive(time));
    }

    // GitHub's times are whole seconds and its clock is another one than ours.
    private static TimeSpan Positive(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time;

    private void Prune(DateTimeOffset now)
    {
        lastPruned = now;
        foreach (var (id, job) in jobs)
            if (now - job.LastAt > Memory)
                jobs.Remove(id);
        foreach (var (name, runner) in registered)
            if (now - runner.At > TimeSpan.FromDays(1))
                registered.Remove(name);
    }

    private readonly record struct RegisteredRunner(PoolKey Pool, DateTimeOffset? ClaimedAt, DateTimeOffset At);

    private sealed record SeenJob(DateTimeOffset FirstAt)
    {
        public DateTimeOffset LastAt { get; init; } = FirstAt;

        public bool Started { get; init; }

        public bool Ended { get; init; }
    }
}
