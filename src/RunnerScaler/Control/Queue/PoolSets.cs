using System.Collections.Immutable;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Queue;

/// <summary>
/// What is known of one pool's scale sets, and how many jobs each of them may have. Tells the board. Safe to use from
/// any thread.
/// </summary>
internal sealed class PoolSets(AccountKey account, JobBoardStore board, TimeProvider time)
{
    private readonly Lock guard = new();
    private readonly List<ListenedSet> sets = [];
    private int slots;
    private int turn;
    private int number;

    public AccountKey Account => account;

    /// <summary>Begins to keep what is told of a set.</summary>
    public ListenedSet Add(Scope scope)
    {
        lock (guard)
        {
            var added = new ListenedSet(scope, AssignedJobs.At(scope, number++ % 1_000_000), time.GetUtcNow());
            sets.Add(added);
            return added;
        }
    }

    /// <summary>The set is not the pool's any more.</summary>
    public void Remove(ListenedSet set)
    {
        lock (guard)
            if (sets.Remove(set) && sets.Count > 0)
                Tell(sets[0]);
    }

    /// <summary>How many slots the pool has from now on.</summary>
    public void Resize(int now)
    {
        lock (guard)
        {
            if (slots == now)
                return;
            slots = now;
            Rebalance();
        }
    }

    /// <summary>A session has begun.</summary>
    public void Opened(ListenedSet set, ScaleSetStatistics statistics) => Change(set, now =>
    {
        set.Jobs = set.Jobs.Begin(statistics, now);
        (set.IsKnown, set.NewsAt) = (true, now);
        Fix(set);
    });

    /// <summary>A message has come.</summary>
    public void Took(ListenedSet set, ScaleSetMessage message) => Change(set, now =>
    {
        set.Jobs = set.Jobs.Take(message, now);
        (set.NewsAt, set.Problem, set.IsStalled) = (now, null, false);
    });

    /// <summary>Nothing has happened, as of now.</summary>
    public void Heard(ListenedSet set) => Change(set, _ => Fix(set));

    /// <summary>Nothing is heard of the set any more.</summary>
    public void Failed(ListenedSet set, Problem problem) =>
        Change(set, _ => (set.Problem, set.IsStalled) = (problem, false));

    /// <summary>It is listened to, and nothing is told although jobs wait.</summary>
    public void Stalled(ListenedSet set, Problem problem) =>
        Change(set, _ => (set.Problem, set.IsStalled) = (problem, true));

    /// <summary>
    /// The jobs to acquire now: no more than the set may have. They are not offered again.
    /// </summary>
    public IReadOnlyList<long> TakeAcquirable(ListenedSet set)
    {
        lock (guard)
        {
            var room = Math.Max(0, set.Promised - set.Jobs.Live);
            long[] some = [.. set.Jobs.Acquirable.Take(room)];
            set.Jobs = set.Jobs.Acquired([.. some]);
            return some;
        }
    }

    /// <summary>How many jobs the set may have: asked before each wait for a message.</summary>
    /// <param name="set">The set.</param>
    /// <param name="cut">Cancelled when another number should be said.</param>
    public int Promise(ListenedSet set, CancellationTokenSource cut)
    {
        lock (guard)
        {
            set.Cut = null;
            set.Promised = CapacityShares.For(slots, Loads(), turn++, sets.IndexOf(set));
            Rebalance();
            set.Cut = cut;
            return set.Promised;
        }
    }

    /// <summary>The wait for a message is over.</summary>
    public void Answered(ListenedSet set)
    {
        lock (guard)
            set.Cut = null;
    }

    /// <summary>The session is over: nothing is assigned to the set any more.</summary>
    public void Closed(ListenedSet set)
    {
        lock (guard)
        {
            (set.Promised, set.Cut) = (0, null);
            Rebalance();
        }
    }

    // A session that is open again does not yet show that it is not deaf.
    private static void Fix(ListenedSet set)
    {
        if (!set.IsStalled || set.Jobs.Queued == 0)
            (set.Problem, set.IsStalled) = (null, false);
    }

    private void Change(ListenedSet set, Action<DateTimeOffset> change)
    {
        lock (guard)
        {
            if (!sets.Contains(set))
                return;
            change(time.GetUtcNow());
            Tell(set);
            Rebalance();
        }
    }

    // Within the lock: what is told later must not be overtaken by what was told before.
    private void Tell(ListenedSet heard)
    {
        foreach (var observation in ScaleSetReadings.Of(
            account, [.. sets.Select(s => s.State)], heard.State, time.GetUtcNow()))
            board.Observe(observation);
    }

    private void Rebalance()
    {
        var loads = Loads();
        for (var i = 0; i < sets.Count; i++)
            if (sets[i].Cut is { } cut && CapacityShares.IsToAskAgain(slots, loads, turn, i))
            {
                sets[i].Cut = null;
                cut.Cancel();
            }
    }

    private ImmutableArray<SetLoad> Loads() =>
        [.. sets.Select(s => new SetLoad(s.Jobs.Live, s.Jobs.Available, s.Promised))];
}
