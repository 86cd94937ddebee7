using System.Collections.Immutable;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>
/// What a pool's ended runners left to remember: failures since one last worked, refusals since one was last taken, and
/// jobs that were taken unseen.
/// </summary>
internal sealed class PoolHistory(TimeProvider time)
{
    /// <summary>
    /// About one reading of a busy repository. A board that has not been read for longer is no reason to hold a job
    /// back: a pod too many costs less than a job that waits.
    /// </summary>
    internal static readonly TimeSpan FinishedMemory = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, Past> pools = [];

    /// <summary>A runner has ended; told once for each, when it is known whether it had a job.</summary>
    public void Ended(Runner runner, RunnerOutcome outcome)
    {
        lock (guard)
        {
            var past = PastOf(runner.Pool);
            var now = time.GetUtcNow();
            if (outcome.Job == JobProof.Had)
                past = past.AfterJobOf(runner.Pod) with { Failures = [], Refusals = [], Refusal = null };
            else if (outcome.IsFailure)
                past = past with { Failures = With(past.Failures, now), Refusals = [], Refusal = null };
            else if (outcome.Kind == OutcomeKind.Rejected)
                past = WithRefusal(past, EndNotes.On(runner, outcome.Kind), now);
            else if (CreateBackoff.IsUnwelcome(runner, outcome, now))
                past = WithRefusal(past, EndNotes.OnRemoved(runner), now);
            if (outcome.Job == JobProof.None && runner.Pod is { Exit.Outcome: ExitOutcome.RunnerOutdated } outdated)
                past = past with { Outdated = outdated.CreatedAt };
            if (RecentlyFinishedOf(runner) is { } spent)
                past = past with
                {
                    RecentlyFinished =
                        [.. past.RecentlyFinished.Where(s => s.EndedAt > now - FinishedMemory), spent],
                };
            pools[runner.Pool] = past;
        }
    }

    /// <summary>
    /// Why GitHub gives the pool's runners no jobs any more, as the last of them that was told so was; null once a
    /// younger one has had a job.
    /// </summary>
    public string? OutdatedOf(PoolKey pool)
    {
        lock (guard)
            return PastOf(pool).Outdated is null
                ? null
                : "GitHub takes no jobs from runners of this version any more: make the runner's image anew "
                    + "(docs/images.md), and set it in spec.template or Kubernetes:RunnerImage.";
    }

    /// <summary>A runner has a job: so GitHub takes its version.</summary>
    public void TookJob(PodFacts pod)
    {
        lock (guard)
            if (pools.TryGetValue(pod.Pool, out var past))
                pools[pod.Pool] = past.AfterJobOf(pod);
    }

    /// <summary>A pod could not even be created. Many that are refused at once are one refusal.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="why">The sentence of whoever refused it.</param>
    public void Refused(PoolKey pool, string why)
    {
        lock (guard)
            pools[pool] = WithRefusal(PastOf(pool), why, time.GetUtcNow());
    }

    public ImmutableArray<DateTimeOffset> FailuresOf(PoolKey pool)
    {
        lock (guard)
            return PastOf(pool).Failures;
    }

    /// <summary>When no pod is to be created before, and whose word for it that is; null for now.</summary>
    public CreatePause? PauseOf(PoolKey pool)
    {
        lock (guard)
        {
            var (past, now) = (PastOf(pool), time.GetUtcNow());
            var failing = CreateBackoff.NotBefore(past.Failures, now);
            var refused = CreateBackoff.AfterRefusals(past.Refusals, now);
            return failing >= refused || refused is null
                ? failing is { } until ? new CreatePause(until, null) : null
                : new CreatePause(refused.Value, past.Refusal);
        }
    }

    /// <summary>
    /// The runners, gone or still there as ended pods, that may have taken a job that the board shows as queued. One
    /// whose job the board has shown once is none of them, also when the board has moved on.
    /// </summary>
    public ImmutableArray<RecentlyFinishedRunner> RecentlyFinishedOf(PoolKey pool, Fleet fleet, JobBoard board)
    {
        var now = time.GetUtcNow();
        ImmutableArray<RecentlyFinishedRunner> gone = [];
        lock (guard)
            if (pools.GetValueOrDefault(pool) is { } past)
            {
                gone = [.. past.RecentlyFinished
                    .Where(s => s.EndedAt > now - FinishedMemory && board.OnRunner(s.Target, s.RunnerName) is null)];
                pools[pool] = past with { RecentlyFinished = gone };
            }
        return [.. fleet.Runners.Select(RecentlyFinishedOf).OfType<RecentlyFinishedRunner>()
            .Where(s => s.EndedAt > now - FinishedMemory)
            .Concat(gone)
            .DistinctBy(s => s.RunnerName)
            .OrderBy(s => s.EndedAt)];
    }

    /// <summary>The pool's spec has changed, or it is gone: earlier failures say nothing any more.</summary>
    public void Forget(PoolKey pool)
    {
        lock (guard)
            pools.Remove(pool);
    }

    private Past PastOf(PoolKey pool) => pools.GetValueOrDefault(pool) ?? Past.None;

    private static Past WithRefusal(Past past, string? why, DateTimeOffset now) =>
        past.Refusals.IsEmpty || now - past.Refusals[^1] >= AtOnce
            ? past with { Refusals = With(past.Refusals, now), Refusal = why ?? past.Refusal }
            : past;

    private static ImmutableArray<DateTimeOffset> With(ImmutableArray<DateTimeOffset> times, DateTimeOffset now) =>
        [.. times.Where(f => f > now - CreateBackoff.Memory), now];

    private static RecentlyFinishedRunner? RecentlyFinishedOf(Runner runner) =>
        runner is { Job: null, Note.JobSeen: false, Grant: { } grant, Pod: { Exit.RanJob: true } pod }
        && pod.Seen.Ended is { } at
            ? new RecentlyFinishedRunner(grant.Target, grant.RunnerName, at, pod.Exit.Job)
            : null;

    private sealed record Past(
        ImmutableArray<DateTimeOffset> Failures,
        ImmutableArray<DateTimeOffset> Refusals,
        string? Refusal,
        ImmutableArray<RecentlyFinishedRunner> RecentlyFinished)
    {
        public static readonly Past None = new([], [], null, []);

        /// <summary>When the pod of the last outdated runner was made.</summary>
        public DateTimeOffset? Outdated { get; init; }

        public Past AfterJobOf(PodFacts? pod) => Outdated < pod?.CreatedAt ? this with { Outdated = null } : this;
    }
}
