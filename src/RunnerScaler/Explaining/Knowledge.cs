using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>What the controller knows at one moment: answers are made from it, and from nothing else.</summary>
internal sealed record Knowledge
{
    public required DateTimeOffset Now { get; init; }

    public required JobBoard Board { get; init; }

    /// <summary>Every pool as its latest pass saw it, in the order of their names.</summary>
    public required ImmutableArray<PoolReading> Pools { get; init; }

    /// <summary>The runners that ended last, the latest first.</summary>
    public ImmutableArray<EndedRunner> Ended { get; init; } = [];

    /// <summary>What jobs asked for and no pool had, in no order.</summary>
    public ImmutableArray<UnmatchedLabels> Unmatched { get; init; } = [];

    /// <summary>How long the parts of runners' lives took in the last hour.</summary>
    public ImmutableArray<PhaseFigure> Phases { get; init; } = [];

    /// <summary>What GitHub's limits leave.</summary>
    public ImmutableArray<BudgetFigure> Budgets { get; init; } = [];

    public PoolReading? Pool(PoolKey key) => Pools.FirstOrDefault(p => p.Key == key);
}

/// <summary>Whose pools somebody may be told of. What he may not be told of does not exist for him.</summary>
/// <param name="Everywhere">The pools of all namespaces.</param>
/// <param name="Unserved">Jobs that are no pool's.</param>
/// <param name="Namespaces">The pools of these namespaces.</param>
internal sealed record Reader(bool Everywhere, bool Unserved, ImmutableHashSet<string> Namespaces)
{
    public static readonly Reader OfAll = new(true, true, []);

    public static readonly Reader OfNothing = new(false, false, []);

    /// <param name="pool">The pool; null for what is no pool's.</param>
    public bool MayRead(PoolKey? pool) =>
        pool is { } key ? Everywhere || Namespaces.Contains(key.Namespace) : Unserved;
}
