using System.Collections.Immutable;
using RunnerScaler.Scaling;

namespace RunnerScaler.Explaining;

/// <summary>A pool as its latest pass saw it, and what that decided.</summary>
internal sealed record PoolPass
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

    /// <summary>What is known of the waits after a pass.</summary>
    /// <param name="before">What was known before it.</param>
    /// <param name="plan">What it decided.</param>
    /// <param name="now">When.</param>
    public static ImmutableDictionary<long, WaitStart> WaitsAfter(
        ImmutableDictionary<long, WaitStart> before, Plan plan, DateTimeOffset now) =>
        plan.Waiting.DistinctBy(w => w.Job.Id).ToImmutableDictionary(
            w => w.Job.Id,
            w => before.TryGetValue(w.Job.Id, out var known) && known.Reason == w.Reason
                ? known
                : new WaitStart(w.Reason, now));
}

/// <summary>A job has waited for this reason since then.</summary>
internal readonly record struct WaitStart(Reason Reason, DateTimeOffset At);
