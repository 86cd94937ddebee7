using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Pools;

/// <summary>
/// The types of the conditions that pools have from us; <c>docs/conditions.md</c> has a row for each of their reasons.
/// </summary>
internal static class Conditions
{
    public const string Ready = "Ready";
    public const string QueueRead = "QueueRead";
    public const string BudgetLow = "BudgetLow";
    public const string AtCapacity = "AtCapacity";
    public const string JobsUnmatched = "JobsUnmatched";
    public const string JobsUnassigned = "JobsUnassigned";
    public const string SlotsResting = "SlotsResting";
    public const string RightsMissing = "RightsMissing";
    public const string RunnerOutdated = "RunnerOutdated";
    public const string DeployExposed = "DeployExposed";
    public const string BuilderSelected = "BuilderSelected";
    public const string CacheFound = "CacheFound";
    public const string FieldsIgnored = "FieldsIgnored";

    /// <summary>All of ours. One of these that a report does not have is not a pool's any more.</summary>
    public static ImmutableHashSet<string> All { get; } =
    [
        Ready, QueueRead, BudgetLow, AtCapacity, JobsUnmatched, JobsUnassigned, SlotsResting, RightsMissing,
        RunnerOutdated, DeployExposed, BuilderSelected, CacheFound, FieldsIgnored,
    ];

    private static readonly ImmutableHashSet<string> badIfTrue =
    [
        BudgetLow, AtCapacity, JobsUnmatched, JobsUnassigned, SlotsResting, RightsMissing, RunnerOutdated,
        DeployExposed, FieldsIgnored,
    ];

    /// <summary>Whether a person should look; one that is unknown is not bad yet.</summary>
    public static bool IsBad(PoolCondition condition) => condition.Holds == badIfTrue.Contains(condition.Type);
}
