using System.Collections.Immutable;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>Looks whether GitHub's limits are enough for what the pools read.</summary>
internal static class BudgetChecks
{
    /// <returns>What is found of the credentials of those pools that the reader may be told of.</returns>
    public static ImmutableArray<CheckAnswer> Of(Knowledge known, Reader reader)
    {
        var accounts = known.Pools.Where(p => reader.MayRead(p.Key))
            .Select(p => p.Input?.Pool.Account.Credential)
            .ToHashSet();
        return
        [
            .. known.Budgets.Where(b => accounts.Contains(b.Account))
                .OrderBy(b => b.Holder, StringComparer.Ordinal)
                .Select(b => BudgetForecast.Of(b, known.Now))
                .OfType<CheckAnswer>(),
        ];
    }
}
