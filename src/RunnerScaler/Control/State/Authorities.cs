using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.State;

/// <summary>
/// Each pool as it last was valid, by its uid: under whose authority its runners are. That does not end with a spec
/// that breaks a rule, or with the pool, while something of it may be left. Only what this process has seen is in it.
/// </summary>
internal sealed class Authorities(IPoolStore pools, JobBoardStore board, ControlOptions options, TimeProvider time)
{
    /// <summary>GitHub ends every job after five days; what is left after six is nobody's.</summary>
    internal static readonly TimeSpan KeptFor = Lifecycle.LongestLife;

    /// <summary>More pools than this are not remembered; those that have been gone for longest are forgotten.</summary>
    internal const int Most = 1000;

    private readonly Lock guard = new();
    private readonly Dictionary<PoolKey, (string Uid, Pool Pool)> present = [];
    private readonly Dictionary<(PoolKey Key, string Uid), DepartedPool> departed = [];
    private ImmutableArray<PoolObject> seen = [];

    /// <summary>The pools that are gone and of which something may be left, the longest gone first.</summary>
    public ImmutableArray<DepartedPool> Departed
    {
        get
        {
            lock (guard)
            {
                Refresh();
                return [.. departed.Values.OrderBy(d => d.Since)];
            }
        }
    }

    /// <summary>The pool that a pod was made for; null if nothing is known of it, or if it was never valid.</summary>
    public Pool? Of(PodFacts pod) => Find(pod).Pool;

    /// <summary>Who answers for a pod's runner.</summary>
    public Authority AuthorityOf(PodFacts pod) => Find(pod).Authority;

    /// <summary>
    /// The same of many pods, as things stand at the first question about pods of their pool: for one pass.
    /// </summary>
    public Func<PodFacts, (Authority Authority, Pool? Pool)> ForPass()
    {
        lock (guard)
            Refresh();
        var known = new Dictionary<(PoolKey, string), (Authority, Pool?)>();
        return pod =>
        {
            var key = (pod.Pool, pod.PoolUid);
            if (!known.TryGetValue(key, out var found))
                known[key] = found = Find(pod);
            return found;
        };
    }

    /// <summary>Whether a pool that is gone may still need this account.</summary>
    public bool Needs(AccountKey account)
    {
        lock (guard)
        {
            Refresh();
            return departed.Values.Any(d => d.Pool.Account == account);
        }
    }

    /// <summary>Forgets the pools of which nothing can be left.</summary>
    /// <param name="hasPods">Whether there is a pod of this pool.</param>
    /// <returns>The accounts that no pool needs any more.</returns>
    public ImmutableArray<AccountKey> Prune(Func<DepartedPool, bool> hasPods)
    {
        var now = time.GetUtcNow();
        lock (guard)
        {
            Refresh();

            // Three sweeps: two looks at what may be another cluster's, and one more for a list that was not read.
            var over = departed.Values
                .Where(d => now - d.Since > KeptFor || (now - d.Since > options.SweepPeriod * 3 && !hasPods(d)))
                .ToArray();
            foreach (var gone in over)
                departed.Remove((gone.Pool.Key, gone.Uid));
            var needed = departed.Values.Select(d => d.Pool.Account).Concat(present.Values.Select(p => p.Pool.Account));
            return [.. over.Select(d => d.Pool.Account).Except(needed)];
        }
    }

    private (Authority Authority, Pool? Pool) Find(PodFacts pod)
    {
        lock (guard)
        {
            Refresh();
            if (seen.FirstOrDefault(p => p.Key == pod.Pool && IsSame(p.Uid, pod.PoolUid)) is { } found)
                return (Authority.Pool, present.TryGetValue(found.Key, out var valid) ? valid.Pool : null);
            var left = departed.Values
                .Where(d => d.Pool.Key == pod.Pool && IsSame(d.Uid, pod.PoolUid)).MaxBy(d => d.Since);
            return left is null ? (Authority.Unknown, null) : (Authority.Departed, left.Pool);
        }
    }

    /// <summary>Notes which pools there are, if that may have changed.</summary>
    private void Refresh()
    {
        var now = pools.Pools;
        if (now == seen)
            return;
        seen = now;
        var there = now.ToDictionary(p => p.Key);
        foreach (var (key, known) in present)
            if (!there.TryGetValue(key, out var found) || found.Uid != known.Uid)
                Leave(key, known.Uid, known.Pool);
        foreach (var found in now)
            if (found.Pool is { } pool)
                present[found.Key] = (found.Uid, pool);
    }

    private void Leave(PoolKey key, string uid, Pool pool)
    {
        present.Remove(key);
        if (departed.Count >= Most && departed.Values.MinBy(d => d.Since) is { } oldest)
            departed.Remove((oldest.Pool.Key, oldest.Uid));
        departed[(key, uid)] = new(pool, uid, SweepTargets.Of(pool, board.Now), time.GetUtcNow());
    }

    // A pod that does not say which pool it was made for is that one's which has the name.
    private static bool IsSame(string uid, string podsPoolUid) => podsPoolUid.Length == 0 || uid == podsPoolUid;
}

/// <summary>A pool that is gone.</summary>
/// <param name="Pool">Its last spec that broke no rule.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Targets">Where its runners may be registered.</param>
/// <param name="Since">When it was found to be gone.</param>
internal sealed record DepartedPool(
    Pool Pool, string Uid, ImmutableArray<RegistrationTarget> Targets, DateTimeOffset Since);
