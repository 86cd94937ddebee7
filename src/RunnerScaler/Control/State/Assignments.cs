using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>Remembers, for each pool, which jobs GitHub gives to none of its idle runners.</summary>
internal sealed class Assignments
{
    private readonly ConcurrentDictionary<PoolKey, AssignmentHistory> pools = new();
    private readonly GroupWatch groups;
    private readonly RunnerNotes notes;
    private readonly Queues queues;

    public Assignments(GroupWatch groups, RunnerNotes notes, Queues queues)
    {
        (this.groups, this.notes, this.queues) = (groups, notes, queues);
        groups.Changed += pool => pools.TryRemove(pool, out _);
    }

    /// <summary>The pass, with the jobs that no runner is to be made for.</summary>
    public PlanInput Judge(PlanInput input, JobBoard board)
    {
        var pool = input.Pool;
        var after = Assignment.Next(pools.GetValueOrDefault(pool.Key, AssignmentHistory.Empty), input);
        pools[pool.Key] = after;
        foreach (var (runner, from) in Assignment.Doubtful(after, input))
        {
            notes.Update(runner.Pod!.Uid, n => n with { CheckFrom = from });
            queues.Runners.AddUnlessBackingOff(new(pool.Key, runner.Slot));
        }
        if (after.Places.IsEmpty)
            return input;
        var unassigned = ImmutableDictionary.CreateBuilder<long, UnassignedJob>();
        foreach (var (place, passed) in after.Places)
        {
            var why = Why(input.Pool, place, board);
            foreach (var job in passed.Jobs.Where(j => !passed.IsDemand(j)))
                unassigned[job] = new(why, passed.RetryAt);
        }
        return input with { Unassigned = unassigned.ToImmutable() };
    }

    /// <summary>The pool's spec has changed, or it is gone: what was learned says nothing any more.</summary>
    public void Forget(PoolKey pool)
    {
        pools.TryRemove(pool, out _);
        groups.Forget(pool);
    }

    private string Why(Pool pool, AssignmentPlace place, JobBoard board)
    {
        var known = groups.Of(pool, place.Target)
            ?.Excludes(place.Repository, board.IsPublic(pool.Account, place.Repository));
        if (known is not null)
            return known;
        var time = pool.Deadlines.Assign.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return $"GitHub gave it to none of the idle runners of {place.Target} in {time} s: the job may ask for a "
            + "runner group that they are not in, or their group may not be open to its repository or workflow";
    }
}
