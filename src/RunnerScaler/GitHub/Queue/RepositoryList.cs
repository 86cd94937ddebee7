using System.Collections.Immutable;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Which repositories an account watches: the union of its scopes, each as it was last found.</summary>
internal sealed class RepositoryList(GitHubOptions options, TimeProvider time)
{
    private static readonly TimeSpan ProblemPeriod = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ScopeReading> scopes = new(StringComparer.Ordinal);

    /// <summary>When a scope is to be read again, of those that this is true of.</summary>
    public DateTimeOffset DueAt(Func<Scope, bool> counts) => scopes.Values
        .Where(s => counts(s.Scope)).Select(s => s.DueAt).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();

    /// <summary>When the oldest list in use was read.</summary>
    public DateTimeOffset? ReadAt => scopes.Values.Min(s => s.ReadAt);

    /// <summary>All repositories that were found.</summary>
    public IEnumerable<FoundRepository> Found =>
        scopes.Values.SelectMany(s => s.Found ?? []).DistinctBy(f => f.Key);

    /// <summary>Whether any scope could be read at all.</summary>
    public bool HasAny => scopes.Values.Any(s => s.Found is not null);

    /// <summary>
    /// Why what belongs to an owner cannot be listed; not what may pass while an earlier list is at hand.
    /// </summary>
    public IEnumerable<(string Owner, Problem Problem)> OwnerProblems => scopes.Values
        .Where(s => s.Problem is not null && (s.Found is null || !s.Problem.Passes))
        .Select(s => (s.Scope.Owner, s.Problem!));

    /// <summary>Repositories that were named, but cannot be found.</summary>
    public IEnumerable<(RepositoryKey Key, Problem Problem)> Missing => scopes.Values.SelectMany(s => s.Missing);

    /// <summary>Takes over what is to be watched.</summary>
    /// <param name="wanted">All that the account's pools serve.</param>
    /// <returns>Whether that has changed.</returns>
    public bool Take(ImmutableArray<Scope> wanted)
    {
        var keys = wanted.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        var changed = false;
        foreach (var left in scopes.Keys.Where(k => !keys.Contains(k)).ToArray())
            changed |= scopes.Remove(left);
        foreach (var scope in wanted)
            changed |= scopes.TryAdd(KeyOf(scope), new ScopeReading(scope));
        return changed;
    }

    /// <summary>The scopes whose turn it is.</summary>
    public IEnumerable<Scope> Due() =>
        scopes.Values.Where(s => s.DueAt <= time.GetUtcNow()).Select(s => s.Scope).ToArray();

    /// <summary>Notes what a scope was found to have; of no effect if it is watched no more.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="found">The repositories; null if none could be read.</param>
    /// <param name="problem">Why not all could be read; null if all were.</param>
    /// <param name="began">When the reading began.</param>
    public void Note(Scope scope, List<FoundRepository>? found, Problem? problem, DateTimeOffset began)
    {
        if (!scopes.TryGetValue(KeyOf(scope), out var reading))
            return;
        if (problem is null)
            reading.Succeeded(found!, began, options.DiscoveryPeriod);
        else
            reading.Failed(found ?? [], problem, began, ProblemPeriod);
    }

    /// <summary>A repository of the list was not there: read the lists again soon.</summary>
    public void RecheckSoon()
    {
        foreach (var reading in scopes.Values)
            reading.Doubt(Soonest);
    }

    /// <summary>The same for scopes that have the same repositories.</summary>
    public static string KeyOf(Scope scope) =>
        $"{scope.Kind} {scope.Server} {scope.Owner} {scope.Repository} {string.Join(',', scope.Only.Order())}";

    private sealed class ScopeReading(Scope scope)
    {
        private bool doubtful;

        public Scope Scope => scope;

        public DateTimeOffset? ReadAt { get; private set; }

        public DateTimeOffset DueAt { get; private set; }

        public List<FoundRepository>? Found { get; private set; }

        public Problem? Problem { get; private set; }

        public IEnumerable<(RepositoryKey, Problem)> Missing =>
            Found is null ? [] : Discovery.Missing(scope, Found).Select(k => (k, Problems.NotListed(k)));

        /// <summary>
        /// A list that became empty is believed the second time: to drop all repositories is a grave step.
        /// </summary>
        public void Succeeded(List<FoundRepository> found, DateTimeOffset now, TimeSpan period)
        {
            doubtful = found.Count == 0 && Found is { Count: > 0 } && !doubtful;
            (ReadAt, Problem) = (now, null);
            DueAt = now + (doubtful ? Soonest : period);
            if (!doubtful)
                Found = found;
        }

        /// <summary>What was shown all the same adds to what was known; nothing is taken away.</summary>
        public void Failed(List<FoundRepository> found, Problem problem, DateTimeOffset now, TimeSpan period)
        {
            if (found.Count > 0)
                (Found, ReadAt) = ([.. found.Concat(Found ?? []).DistinctBy(f => f.Key)], now);
            Problem = problem;
            DueAt = problem.Until > now + period ? problem.Until.Value : now + period;
        }

        public void Doubt(TimeSpan soonest)
        {
            if (Problem is null && ReadAt is { } at && at + soonest < DueAt)
                DueAt = at + soonest;
        }
    }
}
