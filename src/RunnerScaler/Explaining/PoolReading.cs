using System.Collections.Immutable;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Explaining;

/// <summary>A pool as its latest pass saw it, and what that decided.</summary>
internal sealed record PoolReading
{
    public required PoolKey Key { get; init; }

    /// <summary>What its status shows.</summary>
    public required PoolReport Report { get; init; }

    public required Fleet Fleet { get; init; }

    /// <summary>What the pass was made from; null if the spec breaks a rule.</summary>
    public PlanInput? Input { get; init; }

    public Plan? Plan { get; init; }

    /// <summary>Since when each waiting job has waited for what it waits for now, by the job's id.</summary>
    public ImmutableDictionary<long, WaitStart> Waits { get; init; } = ImmutableDictionary<long, WaitStart>.Empty;

    public required DateTimeOffset At { get; init; }

    /// <summary>What the pass says of a job; null if it is none of its waiting ones.</summary>
    public WaitingJob? WaitingOf(long job)
    {
        foreach (var waiting in Plan?.Waiting ?? [])
            if (waiting.Job.Id == job)
                return waiting;
        return null;
    }

    /// <summary>The same, with the beginning of those waits that went on since the reading before.</summary>
    public PoolReading After(PoolReading? before) => Plan is not { } plan ? this : this with
    {
        Waits = plan.Waiting.DistinctBy(w => w.Job.Id).ToImmutableDictionary(
            w => w.Job.Id,
            w => before?.Waits.TryGetValue(w.Job.Id, out var known) == true && known.Reason == w.Reason
                ? known
                : new WaitStart(w.Reason, At)),
    };
}

/// <summary>A job has waited for this reason since then.</summary>
internal readonly record struct WaitStart(WaitReason Reason, DateTimeOffset At);
