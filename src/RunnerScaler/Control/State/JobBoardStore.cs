using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>The board as it is now. Takes observations from any thread and tells who is concerned.</summary>
internal sealed class JobBoardStore(PhaseTimings clock, EndedRunners ended)
{
    private readonly Lock guard = new();
    private JobBoard board = JobBoard.Empty;
    private (JobBoard Board, ImmutableArray<PoolObject> Pools, Demand Demand)? shared;

    /// <summary>Tells the account whose knowledge changed in a way that a plan may depend on.</summary>
    public event Action<AccountKey>? Changed;

    public JobBoard Now
    {
        get
        {
            lock (guard)
                return board;
        }
    }

    public void Observe(JobObservation observation)
    {
        RepositoryReading? before = null;
        lock (guard)
        {
            if (observation is JobObservation.RepositoryRead read)
                before = board.Reading(read.Account, read.Repository);
            board = board.Apply(observation);
        }
        if (observation is JobObservation.RepositoryRead reading)
        {
            clock.Saw(reading.Jobs, reading.At);
            ended.Saw(reading.Account, reading.Jobs, clock.FirstSeen);
        }
        if (Matters(observation, before))
            Changed?.Invoke(observation.Account);
    }

    /// <summary>
    /// The demand on these pools, computed once for each board and each set of pools, and then only for what has
    /// changed.
    /// </summary>
    public (JobBoard Board, Demand Demand) Share(ImmutableArray<PoolObject> pools)
    {
        lock (guard)
        {
            if (shared is not { } known || known.Board != board || known.Pools != pools)
            {
                var valid = pools.Where(p => p.Pool is not null).Select(p => p.Pool!).ToImmutableArray();
                shared = known = (board, pools, Demand.Share(board, valid, shared?.Demand));
            }
            return (known.Board, known.Demand);
        }
    }

    // A reading that shows nothing new is worth a pass only if a job is queued: that it still is may be news.
    private static bool Matters(JobObservation observation, RepositoryReading? before) =>
        observation is not JobObservation.RepositoryRead read
        || before is null
        || before.Problem is not null
        || read.Unread is not null
        || !before.Jobs.SequenceEqual(read.Jobs)
        || read.Jobs.Any(j => j.State == JobState.Queued);
}
