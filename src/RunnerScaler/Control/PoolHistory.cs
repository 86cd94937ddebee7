using System.Collections.Immutable;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>What a pool's ended runners left to remember: failures since one last worked, and jobs that were taken unseen.</summary>
internal sealed class PoolHistory(TimeProvider time)
{
    /// <summary>A board that has not been read for this long is no reason to hold a job back.</summary>
    private static readonly TimeSpan SpentMemory = TimeSpan.FromMinutes(10);

    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, Past> pools = [];

    /// <summary>A runner has ended; told once for each.</summary>
    public void Ended(Runner runner, Verdict verdict)
    {
        lock (guard)
        {
            var past = pools.GetValueOrDefault(runner.Pool) ?? new([], []);
            var now = time.GetUtcNow();
            if (CreateBackoff.IsFailure(verdict))
                past = past with { Failures = [.. past.Failures.Where(f => f > now - CreateBackoff.Memory), now] };
            else if (verdict == Verdict.RanJob)
                past = past with { Failures = [] };
            if (SpentOf(runner) is { } spent)
                past = past with { Spent = [.. past.Spent.Where(s => s.EndedAt > now - SpentMemory), spent] };
            pools[runner.Pool] = past;
        }
    }

    /// <summary>A pod could not even be created.</summary>
    public void Refused(PoolKey pool)
    {
        lock (guard)
        {
            var past = pools.GetValueOrDefault(pool) ?? new([], []);
            var now = time.GetUtcNow();
            pools[pool] = past with { Failures = [.. past.Failures.Where(f => f > now - CreateBackoff.Memory), now] };
        }
    }

    public ImmutableArray<DateTimeOffset> FailuresOf(PoolKey pool)
    {
        lock (guard)
            return pools.GetValueOrDefault(pool)?.Failures ?? [];
    }

    /// <summary>The runners, gone or still there as ended pods, that may have taken a job that the board shows as queued.</summary>
    public ImmutableArray<SpentRunner> SpentOf(PoolKey pool, Fleet fleet, JobBoard board)
    {
        ImmutableArray<SpentRunner> gone;
        lock (guard)
            gone = pools.GetValueOrDefault(pool)?.Spent ?? [];
        return [.. fleet.Runners.Select(SpentOf).OfType<SpentRunner>().Concat(gone)
            .DistinctBy(s => s.RunnerName)
            .Where(s => board.OnRunner(s.RunnerName) is null)
            .OrderBy(s => s.EndedAt)];
    }

    /// <summary>The pool's spec has changed, or it is gone: earlier failures say nothing any more.</summary>
    public void Forget(PoolKey pool)
    {
        lock (guard)
            pools.Remove(pool);
    }

    private static SpentRunner? SpentOf(Runner runner) =>
        runner is { Job: null, Grant: { } grant, Pod.Exit: { RanJob: true, At: { } at } }
            ? new SpentRunner(grant.Target, grant.RunnerName, at)
            : null;

    private sealed record Past(ImmutableArray<DateTimeOffset> Failures, ImmutableArray<SpentRunner> Spent);
}
