using System.Collections.Immutable;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// What a pool's ended runners left to remember: failures since one last worked, and jobs that were taken unseen.
/// </summary>
internal sealed class PoolHistory(TimeProvider time)
{
    /// <summary>
    /// About one reading of a busy repository. A board that has not been read for longer is no reason to hold a job
    /// back: a pod too many costs less than a job that waits.
    /// </summary>
    internal static readonly TimeSpan SpentMemory = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DroppedAfter = TimeSpan.FromMinutes(1);

    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, Past> pools = [];

    /// <summary>A runner has ended; told once for each.</summary>
    public void Ended(Runner runner, Verdict verdict)
    {
        lock (guard)
        {
            var past = pools.GetValueOrDefault(runner.Pool) ?? new([], []);
            var now = time.GetUtcNow();
            if (HadJob(runner, verdict))
                past = past with { Failures = [] };
            else if (CreateBackoff.IsFailure(verdict) && !WasDropped(runner, verdict, now))
                past = WithFailure(past, now);
            if (SpentOf(runner) is { } spent)
                past = past with { Spent = [.. past.Spent.Where(s => s.EndedAt > now - SpentMemory), spent] };
            pools[runner.Pool] = past;
        }
    }

    /// <summary>A pod could not even be created. Many that are refused at once are one failure.</summary>
    public void Refused(PoolKey pool)
    {
        lock (guard)
        {
            var past = pools.GetValueOrDefault(pool) ?? new([], []);
            var now = time.GetUtcNow();
            if (past.Failures.IsEmpty || now - past.Failures[^1] >= AtOnce)
                pools[pool] = WithFailure(past, now);
        }
    }

    public ImmutableArray<DateTimeOffset> FailuresOf(PoolKey pool)
    {
        lock (guard)
            return pools.GetValueOrDefault(pool)?.Failures ?? [];
    }

    /// <summary>
    /// The runners, gone or still there as ended pods, that may have taken a job that the board shows as queued. One
    /// whose job the board has shown once is none of them, also when the board has moved on.
    /// </summary>
    public ImmutableArray<SpentRunner> SpentOf(PoolKey pool, Fleet fleet, JobBoard board)
    {
        var now = time.GetUtcNow();
        ImmutableArray<SpentRunner> gone = [];
        lock (guard)
            if (pools.GetValueOrDefault(pool) is { } past)
            {
                gone = [.. past.Spent
                    .Where(s => s.EndedAt > now - SpentMemory && board.OnRunner(s.Target, s.RunnerName) is null)];
                pools[pool] = past with { Spent = gone };
            }
        return [.. fleet.Runners.Select(SpentOf).OfType<SpentRunner>()
            .Where(s => s.EndedAt > now - SpentMemory)
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

    // What a job does to its runner says nothing about the pool's pods.
    private static bool HadJob(Runner runner, Verdict verdict) =>
        verdict == Verdict.RanJob || runner.Job is not null || runner.Note.JobSeen || runner.Pod?.Exit?.RanJob == true;

    // GitHub drops idle registrations after minutes, and the runner then ends well: its pod works.
    private static bool WasDropped(Runner runner, Verdict verdict, DateTimeOffset now) =>
        verdict == Verdict.NoJob && runner.Grant is { } grant && now - grant.At > DroppedAfter;

    private static Past WithFailure(Past past, DateTimeOffset now) =>
        past with { Failures = [.. past.Failures.Where(f => f > now - CreateBackoff.Memory), now] };

    private static SpentRunner? SpentOf(Runner runner) =>
        runner is { Job: null, Note.JobSeen: false, Grant: { } grant, Pod.Exit: { RanJob: true, At: { } at } }
            ? new SpentRunner(grant.Target, grant.RunnerName, at)
            : null;

    private sealed record Past(ImmutableArray<DateTimeOffset> Failures, ImmutableArray<SpentRunner> Spent);
}
