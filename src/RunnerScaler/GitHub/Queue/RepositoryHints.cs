using System.Collections.Frozen;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// The repositories of an account where something may have happened, until its reader takes them. Only those that it
/// watches are kept, each once: so there are never more than those. Safe to use from any thread.
/// </summary>
internal sealed class RepositoryHints
{
    private readonly Lock guard = new();
    private readonly HashSet<RepositoryKey> waiting = [];
    private FrozenSet<RepositoryKey> watched = [];

    /// <returns>Whether it is one that is watched.</returns>
    public bool Add(RepositoryKey repository)
    {
        lock (guard)
        {
            if (!watched.Contains(repository))
                return false;
            waiting.Add(repository);
            return true;
        }
    }

    /// <summary>These are watched from now on, and no others.</summary>
    public void Accept(IEnumerable<RepositoryKey> repositories)
    {
        lock (guard)
        {
            watched = [.. repositories];
            waiting.IntersectWith(watched);
        }
    }

    /// <summary>Takes all that have come since the last call.</summary>
    public RepositoryKey[] Take()
    {
        lock (guard)
        {
            if (waiting.Count == 0)
                return [];
            RepositoryKey[] taken = [.. waiting];
            waiting.Clear();
            return taken;
        }
    }
}
