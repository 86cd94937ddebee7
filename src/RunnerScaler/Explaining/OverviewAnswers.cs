using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>What the status page shows: of everything that its reader may be told of, a bounded number.</summary>
internal sealed record OverviewAnswer
{
    public required DateTimeOffset Now { get; init; }

    public required ImmutableArray<PoolCard> Pools { get; init; }

    /// <summary>What a person should look at, the worst first.</summary>
    public required ImmutableArray<CheckAnswer> Problems { get; init; }

    /// <summary>What jobs wait for, for each pool; those without a runner on its way first.</summary>
    public required ImmutableArray<ReasonGroup> Reasons { get; init; }

    /// <summary>Waiting jobs, the oldest first.</summary>
    public required Rows<QueueRow> Queue { get; init; }

    public required Rows<RunnerRow> Runners { get; init; }

    /// <summary>Runners that ended, the latest first: the last ones, and those before that ended badly.</summary>
    public required Rows<EndRow> Ended { get; init; }

    public required ImmutableArray<BudgetFigure> Budgets { get; init; }

    public required PhasePicture Phases { get; init; }

    /// <summary>Queued jobs that are no pool's, most likely meant for GitHub's own runners; null for who may not be
    /// told.</summary>
    public int? OfNoPool { get; init; }
}

/// <summary>The first of many rows.</summary>
/// <param name="Shown">Those that are shown.</param>
/// <param name="All">How many there are.</param>
internal sealed record Rows<T>(ImmutableArray<T> Shown, int All)
{
    public static Rows<T> Of(IReadOnlyCollection<T> all, int most) => new([.. all.Take(most)], all.Count);
}

/// <summary>A pool at a glance.</summary>
internal sealed record PoolCard
{
    public required PoolKey Key { get; init; }

    /// <summary>Whether it is ready; null while that is not known.</summary>
    public bool? IsReady { get; init; }

    public required string Sentence { get; init; }

    public int? MaxRunners { get; init; }

    public required RunnerCounts Runners { get; init; }

    public required JobCounts Jobs { get; init; }

    public required TimeSpan OldestWait { get; init; }

    public required ImmutableArray<string> Labels { get; init; }

    /// <summary>The command that explains it.</summary>
    public required string Explain { get; init; }
}

/// <summary>What jobs of a pool wait for.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Answer">The reason, how many, a sentence for the oldest, and what to change.</param>
/// <param name="IsServed">Whether a runner for them is on its way or there.</param>
internal sealed record ReasonGroup(PoolKey Pool, ReasonAnswer Answer, bool IsServed);

/// <summary>A job that waits.</summary>
internal sealed record QueueRow
{
    /// <summary>Names the row among all of its kind.</summary>
    public required string Key { get; init; }

    public required JobLink Job { get; init; }

    public required RunLink Run { get; init; }

    public required PoolKey Pool { get; init; }

    public required WaitReason Reason { get; init; }

    public bool IsServed { get; init; }

    /// <summary>What it waits for, if that differs from what the pool's other jobs with this reason wait for, and no
    /// runner is well on its way.</summary>
    public string? Sentence { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public required string Explain { get; init; }
}

/// <summary>Names a run.</summary>
internal sealed record RunLink(long Id, string Url);

/// <summary>A pod of a pool.</summary>
internal sealed record RunnerRow
{
    public required string Key { get; init; }

    public required string Pod { get; init; }

    public required PoolKey Pool { get; init; }

    public required RunnerState State { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>When its pod was first seen, or asked for.</summary>
    public required DateTimeOffset Begun { get; init; }

    public string? Node { get; init; }

    public JobLink? Job { get; init; }

    public RunLink? Run { get; init; }

    /// <summary>What keeps it from starting.</summary>
    public TroubleAnswer? Trouble { get; init; }

    public required string Explain { get; init; }
}

/// <summary>A runner that ended.</summary>
internal sealed record EndRow
{
    public required string Key { get; init; }

    public required EndAnswer End { get; init; }

    public RunLink? Run { get; init; }

    /// <summary>Whether a person should look.</summary>
    public bool IsBad { get; init; }

    public required string Explain { get; init; }
}
