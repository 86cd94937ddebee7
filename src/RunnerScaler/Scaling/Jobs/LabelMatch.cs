using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>Which pool serves which job.</summary>
internal static class LabelMatch
{
    /// <summary>
    /// Whether a runner of the pool could be given the job: the pool serves its repository and has all its labels
    /// (<see href="https://docs.github.com/actions/hosting-your-own-runners/managing-self-hosted-runners/using-self-hosted-runners-in-a-workflow">cumulative</see>).
    /// A job without labels asks for a runner group by name; GitHub does not say which before it is assigned, so it
    /// matches only pools that name a group themselves.
    /// </summary>
    public static bool Serves(Pool pool, Job job) => Matches(pool, job) && !(job.FromFork && pool.RefusesForks);

    /// <summary>
    /// The same, whoever's job it is. What GitHub has assigned to a scale set is its pool's, whatever it asked for.
    /// </summary>
    public static bool Matches(Pool pool, Job job) =>
        pool.ScopeFor(job.Repository) is { } scope
        && (pool.UsesScaleSets
            || (job.Labels.Count > 0 ? job.Labels.IsSubsetOf(pool.Labels) : scope.RunnerGroup is not null));

    /// <summary>
    /// The one pool that counts the job as its demand: the one with the fewest labels that the job does not ask for,
    /// then the highest priority, then the first name; one that is being deleted only if no other serves it. Null if
    /// none does.
    /// </summary>
    public static Pool? Choose(IEnumerable<Pool> pools, Job job)
    {
        Pool? best = null;
        foreach (var pool in pools)
            if (Serves(pool, job) && (best is null || Compare(pool, best) < 0))
                best = pool;
        return best;
    }

    /// <summary>
    /// The pool that comes nearest to a job that none serves: it serves the repository and shares the most labels. Null
    /// if the job is not for self-hosted runners at all, as jobs for GitHub's own runners stand in the same lists.
    /// </summary>
    public static Pool? Nearest(IEnumerable<Pool> pools, Job job) =>
        pools.Where(p => p.ScopeFor(job.Repository) is not null)
            .Select(p => (Pool: p, Shared: job.Labels.Count(p.Labels.Contains)))
            .Where(p => p.Shared > 0 || LabelAdvice.IsMeantFor(p.Pool, job))
            .OrderByDescending(p => p.Shared).ThenBy(p => p.Pool.Key)
            .Select(p => p.Pool)
            .FirstOrDefault();

    private static int Compare(Pool a, Pool b)
    {
        var byStay = a.Deleting.CompareTo(b.Deleting);
        var bySurplus = byStay != 0 ? byStay : a.Labels.Count.CompareTo(b.Labels.Count);
        var byPriority = bySurplus != 0 ? bySurplus : b.Priority.CompareTo(a.Priority);
        return byPriority != 0 ? byPriority : a.Key.CompareTo(b.Key);
    }
}
