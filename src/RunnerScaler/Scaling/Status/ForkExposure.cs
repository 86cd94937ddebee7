using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Whether a pool that gives its jobs a service account may serve what strangers wrote.</summary>
internal static class ForkExposure
{
    /// <returns>The condition <c>DeployExposed</c>; null for a pool that gives its jobs no account.</returns>
    public static PoolCondition? Of(Pool pool, JobBoard board)
    {
        const string type = Conditions.DeployExposed;
        if (pool.DeploysAs is not { } account)
            return null;
        var served = board.Readings
            .Where(r => r.Account == pool.Account && pool.ScopeFor(r.Repository) is not null)
            .OrderBy(r => r.Repository.ToString(), StringComparer.Ordinal)
            .ToArray();
        if (Array.Find(served, r => r.Jobs.Any(j => j.FromFork && LabelMatch.Serves(pool, j))) is { } seen)
            return new(type, true, "ForkJobs", $"{seen.Repository} has jobs for pull requests of forks, and this pool "
                + $"gives its jobs the service account '{account}'. {Advice}");
        if (!pool.RefusesForks && Array.Find(served, r => board.IsPublic(r.Account, r.Repository)) is { } open)
            return new(type, true, "PublicRepository", $"{open.Repository} is public, so anyone can open a pull "
                + $"request from a fork, and this pool gives its jobs the service account '{account}'. {Advice}");
        return new(type, false, "NoForks", "No repository that is known to run jobs of forks is served.");
    }

    private const string Advice = "Serve it with a pool without spec.deploy, or restrict the runner group to the "
        + "repositories and workflows that deploy.";
}
