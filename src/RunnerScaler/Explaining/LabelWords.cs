using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Explaining;

/// <summary>Says of each label that a job asks for in vain which pool has it, or one like it.</summary>
internal static class LabelWords
{
    private const int MostLabels = 20;

    /// <param name="job">A job that no pool serves.</param>
    /// <param name="nearest">The pool that comes nearest; null if none does.</param>
    /// <param name="pools">The pools that the reader may be told of.</param>
    public static NearestAnswer Of(Job job, Pool? nearest, IReadOnlyCollection<Pool> pools) => new(
        nearest?.Key.ToString(),
        [
            .. job.Labels.Where(label => nearest?.Labels.Contains(label) != true)
                .Take(MostLabels)
                .Select(label => new LabelAnswer(Wording.Name(label), Says(label, job, nearest, pools))),
        ]);

    private static string Says(string label, Job job, Pool? nearest, IReadOnlyCollection<Pool> pools)
    {
        var having = pools.Where(p => p.Labels.Contains(label)).OrderByDescending(p => Serves(p, job));
        if (having.FirstOrDefault() is { } has)
            return Serves(has, job)
                ? $"pool {has.Key} has it, but not all of the job's labels"
                : $"pool {has.Key} has it, but does not serve {Wording.Name(job.Repository.ToString())}";
        var candidates = pools.OrderByDescending(p => p.Key == nearest?.Key).ThenByDescending(p => Serves(p, job));
        foreach (var pool in candidates)
            if (LabelAdvice.NearestTo(pool, label) is { } near)
                return $"no pool has it; {near.Quote()} of pool {pool.Key} is the nearest";
            else if (LabelAdvice.About(pool, label) is { } advice)
                return $"it {advice}";
        return "no pool has it, nor one like it";
    }

    private static bool Serves(Pool pool, Job job) => pool.ScopeFor(job.Repository) is not null;
}
