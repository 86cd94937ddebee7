using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Explaining;

/// <summary>A job, and whose it is.</summary>
/// <param name="Job">The job as GitHub told of it last.</param>
/// <param name="ReadAt">When that was; null if it is only remembered.</param>
internal sealed record FoundJob(Job Job, DateTimeOffset? ReadAt)
{
    /// <summary>The pool that serves it, or comes nearest.</summary>
    public PoolReading? Pool { get; init; }

    /// <summary>Whether <see cref="Pool"/> serves it.</summary>
    public bool IsServed { get; init; }

    /// <summary>The runner that has it.</summary>
    public Runner? Runner { get; init; }

    /// <summary>The runner that had it.</summary>
    public EndedRunner? Ended { get; init; }

    /// <summary>The pool whose readers may be told of it; null for none.</summary>
    public PoolKey? Owner => Pool?.Key ?? Ended?.Pool;

    /// <summary>All jobs that are known, on the board first.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="wanted">Which.</param>
    public static IEnumerable<FoundJob> All(Knowledge known, Func<Job, bool> wanted)
    {
        var seen = new HashSet<(string, long)>();
        var onBoard = known.Board.Readings
            .SelectMany(r => r.Jobs.Where(wanted).Select(job => (Job: job, Reading: r)))
            .GroupBy(f => (f.Job.Repository.Server, f.Job.Id));
        foreach (var same in onBoard)
        {
            seen.Add(same.Key);
            var (job, reading) = same.MaxBy(f => f.Reading.ReadAt);
            yield return Place(known, new(job, reading.ReadAt), [.. same.Select(f => f.Reading.Account)]);
        }
        foreach (var ended in known.Ended)
            if (ended.Job is { } job && wanted(job) && seen.Add((job.Repository.Server, job.Id)))
                yield return new(job, null) { Ended = ended, Pool = known.Pool(ended.Pool), IsServed = true };
    }

    private static FoundJob Place(Knowledge known, FoundJob found, HashSet<AccountKey> accounts)
    {
        var job = found.Job;
        foreach (var pass in known.Pools)
            if (pass.Fleet.Runners.FirstOrDefault(r => IsSame(r.Job, job)) is { } runner)
                return found with { Runner = runner, Pool = pass, IsServed = true };
        if (known.Ended.FirstOrDefault(e => IsSame(e.Job, job)) is { } ended)
            return found with { Ended = ended, Pool = known.Pool(ended.Pool), IsServed = true };
        var candidates = known.Pools
            .Where(p => p.Input is { } input && accounts.Contains(input.Pool.Account))
            .Select(p => p.Input!.Pool).ToArray();
        if (job.State is JobState.Running or JobState.Completed)
            return candidates.FirstOrDefault(p => IsRunnerOf(p, job)) is { } owner
                ? found with { Pool = known.Pool(owner.Key), IsServed = true }
                : found;
        var chosen = LabelMatch.Choose(candidates, job);
        return (chosen ?? LabelMatch.Nearest(candidates, job)) is { } pool
            ? found with { Pool = known.Pool(pool.Key), IsServed = chosen is not null }
            : found;
    }

    private static bool IsRunnerOf(Pool pool, Job job) =>
        pool.ScopeFor(job.Repository) is not null
        && job.RunnerName is { } name && Slot.IsRunnerOf(pool.Key.Name, name, out _, out _);

    private static bool IsSame(Job? one, Job other) =>
        one is not null && one.Id == other.Id && one.Repository == other.Repository;
}
