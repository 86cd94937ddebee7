using System.Collections.Immutable;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Which repositories an account watches: the union of its scopes, each as it was last found.</summary>
internal sealed class Watchlist(GitHubOptions options, TimeProvider time)
{
    private static readonly TimeSpan FaultPeriod = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ScopeReading> scopes = new(StringComparer.Ordinal);

    /// <summary>When a scope is to be read again.</summary>
    public DateTimeOffset DueAt => scopes.Count == 0 ? DateTimeOffset.MinValue : scopes.Values.Min(s => s.DueAt);

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
    public IEnumerable<(string Owner, Fault Fault)> OwnerFaults => scopes.Values
        .Where(s => s.Fault is not null && (s.Found is null || !s.Fault.Passes))
        .Select(s => (s.Scope.Owner, s.Fault!));

    /// <summary>Repositories that were named, but cannot be found.</summary>
    public IEnumerable<(RepositoryKey Key, Fault Fault)> Missing => scopes.Values.SelectMany(s => s.Missing);

    /// <summary>Reads the scopes that are due.</summary>
    /// <param name="account">The account, with its credential.</param>
    /// <param name="wanted">All that the account's pools serve.</param>
    /// <param name="faultOf">Reads what was thrown.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>Whether the list may have changed.</returns>
    public async Task<bool> RefreshAsync(
        Account account,
        ImmutableArray<Scope> wanted,
        Func<Exception, Scope, Fault> faultOf,
        CancellationToken cancel)
    {
        var changed = Take(wanted);
        foreach (var reading in scopes.Values.Where(s => s.DueAt <= time.GetUtcNow()).ToArray())
        {
            var now = time.GetUtcNow();
            try
            {
                var found = await Discovery.ReadAsync(account, reading.Scope, cancel);
                reading.Succeeded(found, now, options.DiscoveryPeriod);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                reading.Failed(faultOf(e, reading.Scope), now, FaultPeriod);
            }
            changed = true;
        }
        return changed;
    }

    /// <summary>A repository of the list was not there: read the lists again soon.</summary>
    public void Doubt()
    {
        foreach (var reading in scopes.Values)
            reading.Doubt(Soonest);
    }

    private bool Take(ImmutableArray<Scope> wanted)
    {
        var keys = wanted.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        var changed = false;
        foreach (var left in scopes.Keys.Where(k => !keys.Contains(k)).ToArray())
            changed |= scopes.Remove(left);
        foreach (var scope in wanted)
            changed |= scopes.TryAdd(KeyOf(scope), new ScopeReading(scope));
        return changed;
    }

    private static string KeyOf(Scope scope) =>
        $"{scope.Kind} {scope.Server} {scope.Owner} {scope.Repository} {string.Join(',', scope.Only.Order())}";

    private sealed class ScopeReading(Scope scope)
    {
        private bool doubtful;

        public Scope Scope => scope;

        public DateTimeOffset? ReadAt { get; private set; }

        public DateTimeOffset DueAt { get; private set; }

        public List<FoundRepository>? Found { get; private set; }

        public Fault? Fault { get; private set; }

        public IEnumerable<(RepositoryKey, Fault)> Missing =>
            Found is null ? [] : Discovery.Missing(scope, Found).Select(k => (k, Faults.NotListed(k)));

        /// <summary>
        /// A list that became empty is believed the second time: to drop all repositories is a grave step.
        /// </summary>
        public void Succeeded(List<FoundRepository> found, DateTimeOffset now, TimeSpan period)
        {
            doubtful = found.Count == 0 && Found is { Count: > 0 } && !doubtful;
            (ReadAt, Fault) = (now, null);
            DueAt = now + (doubtful ? Soonest : period);
            if (!doubtful)
                Found = found;
        }

        public void Failed(Fault fault, DateTimeOffset now, TimeSpan period)
        {
            Fault = fault;
            DueAt = fault.Until > now + period ? fault.Until.Value : now + period;
        }

        public void Doubt(TimeSpan soonest)
        {
            if (Fault is null && ReadAt is { } at && at + soonest < DueAt)
                DueAt = at + soonest;
        }
    }
}
