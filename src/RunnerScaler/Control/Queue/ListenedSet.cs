using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Queue;

/// <summary>One scale set as <see cref="PoolSets"/> keeps it: only that changes it.</summary>
internal sealed class ListenedSet(Scope scope, AssignedJobs jobs, DateTimeOffset since)
{
    public AssignedJobs Jobs { get; set; } = jobs;

    /// <summary>Whether a session has ever begun.</summary>
    public bool IsKnown { get; set; }

    public Problem? Problem { get; set; }

    /// <summary>Whether the problem is that nothing is told although it is listened to.</summary>
    public bool IsStalled { get; set; }

    /// <summary>When the last message came, or the session began.</summary>
    public DateTimeOffset NewsAt { get; set; } = since;

    /// <summary>How many jobs in all the set was last said that it may have.</summary>
    public int Promised { get; set; }

    /// <summary>Ends the wait for a message; null while there is none.</summary>
    public CancellationTokenSource? Cut { get; set; }

    public SetState State => new(scope, IsKnown ? Jobs : null, Problem, IsStalled);
}
