using System.Collections.Concurrent;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>The repositories that GitHub said have moved for good, as they were asked for. Safe from any
/// thread.</summary>
internal sealed class MovedRepositories
{
    /// <summary>More than these at a time are not told of.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<(string Owner, string Name), bool> names = new();

    /// <param name="path">The path of the request that was redirected.</param>
    public void Note(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(parts, "repos");
        if (at is 0 or 2 && at + 2 < parts.Length && names.Count < Most)
            names[(RepositoryKey.Lower(parts[at + 1]), RepositoryKey.Lower(parts[at + 2]))] = true;
    }

    public bool Take(RepositoryKey repository) => names.TryRemove((repository.Owner, repository.Name), out _);
}
