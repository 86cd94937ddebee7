using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Tells a pool's conditions what the API server refuses.</summary>
internal static class RefusalReporter
{
    /// <summary>What of that which is refused hurts a pool.</summary>
    public static ImmutableArray<StandingRefusal> Of(
        ImmutableArray<StandingRefusal> standing, PoolKey pool, string? secret) =>
        standing.IsEmpty ? standing : [.. standing.Where(s => Rights.Concerns(s.About, pool, secret))];

    /// <summary>The condition <c>RightsMissing</c>.</summary>
    /// <param name="refusals">What hurts the pool, the worst first.</param>
    public static PoolCondition Missing(ImmutableArray<StandingRefusal> refusals)
    {
        const string type = Conditions.RightsMissing;
        if (refusals.IsEmpty)
            return new(type, false, "NothingRefused", "The API server refuses nothing that this pool needs.");
        var worst = refusals[0].Refusal;
        var others = refusals.Skip(1).Select(s => s.Refusal.Request.ToString()).Distinct().ToArray();
        var more = others.Length == 0 ? "" : $" Refused as well: {string.Join("; ", others)}.";
        return new(type, true, worst.Reason.ToString(), worst.Sentence + more);
    }

    /// <summary>What <c>Ready</c> is because of it; null if jobs are served all the same.</summary>
    public static PoolCondition? Ready(ImmutableArray<StandingRefusal> refusals) =>
        refusals.IsEmpty || refusals[0].Hurt == Impact.Little
            ? null
            : new(
                Conditions.Ready,
                refusals[0].Hurt == Impact.Blind ? null : false,
                "RequestsRefused",
                refusals[0].Refusal.Sentence);
}
