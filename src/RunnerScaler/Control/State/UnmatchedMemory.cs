using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// What jobs of the last day asked for and no pool had. Outlives terms of leadership: nothing is decided from it,
/// people are told.
/// </summary>
internal sealed class UnmatchedMemory
{
    /// <summary>
    /// How many label sets of repositories are kept. Of more, the repository that takes the most space loses what was
    /// seen longest ago: none pushes out what others asked for.
    /// </summary>
    public const int Most = 300;

    /// <summary>The same for the characters of all labels.</summary>
    public const int MostCharacters = 256 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, DateTimeOffset> toldAt = [];
    private readonly Dictionary<(RepositoryKey, LabelSet), UnmatchedLabels> known = [];

    /// <summary>All that are remembered; some may be too old to be told of.</summary>
    public ImmutableArray<UnmatchedLabels> All
    {
        get
        {
            lock (guard)
                return [.. known.Values];
        }
    }

    /// <param name="pool">The pool that comes nearest to the jobs.</param>
    /// <param name="jobs">Queued jobs that no pool serves.</param>
    /// <param name="now">The time.</param>
    /// <returns>
    /// What nobody asked for in the last day, to be told of: once, and of one pool at most once a minute, however many
    /// there are.
    /// </returns>
    public ImmutableArray<UnmatchedLabels> Saw(Pool pool, ImmutableArray<Job> jobs, DateTimeOffset now)
    {
        if (jobs.IsEmpty)
            return [];
        lock (guard)
        {
            UnmatchedLabels[] all = [.. UnmatchedLabels.Of(pool, jobs, now).Take(Most)];
            foreach (var seen in all)
            {
                var key = (seen.Repository, seen.Labels);
                known[key] = known.TryGetValue(key, out var before) && before.AsOf(now) is not null
                    ? seen.After(before)
                    : seen;
            }
            Bound(now);
            return News(pool.Key, all, now);
        }
    }

    private ImmutableArray<UnmatchedLabels> News(PoolKey pool, UnmatchedLabels[] seen, DateTimeOffset now)
    {
        foreach (var (old, at) in toldAt)
            if (now - at >= Pause)
                toldAt.Remove(old);
        (RepositoryKey, LabelSet)[] news = toldAt.ContainsKey(pool)
            ? []
            :
            [
                .. seen.Select(s => (s.Repository, s.Labels))
                    .Where(k => known.GetValueOrDefault(k) is { IsTold: false }),
            ];
        foreach (var key in news)
            known[key] = known[key] with { IsTold = true };
        if (news.Length > 0)
            toldAt[pool] = now;
        return [.. news.Select(k => known[k])];
    }

    private void Bound(DateTimeOffset now)
    {
        foreach (var (key, labels) in known)
            if (labels.AsOf(now) is null)
                known.Remove(key);
        var characters = known.Values.Sum(Characters);
        while (known.Count > Most || characters > MostCharacters)
        {
            var last = known.Values.GroupBy(l => l.Repository).MaxBy(g => g.Sum(Space))!.MinBy(l => l.SeenAt)!;
            known.Remove((last.Repository, last.Labels));
            characters -= Characters(last);
        }
    }

    private static int Characters(UnmatchedLabels labels) => labels.Labels.Sum(l => l.Length);

    private static int Space(UnmatchedLabels labels) => Characters(labels) + MostCharacters / Most;
}
