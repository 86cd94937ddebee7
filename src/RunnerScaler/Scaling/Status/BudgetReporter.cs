using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Says whether GitHub's limits last, before a job is seen late because they do not.</summary>
internal static class BudgetReporter
{
    /// <summary>Reading that takes so many times its period is told of.</summary>
    private const double Slow = 2;

    /// <param name="account">The pool's account.</param>
    /// <param name="figures">What GitHub said last of all limits.</param>
    public static PoolCondition Of(AccountKey account, IEnumerable<BudgetFigure> figures)
    {
        const string type = Conditions.BudgetLow;
        var worst = figures.Where(f => f.Account == account.Credential)
            .OrderByDescending(f => f.Stretch).ThenBy(f => f.Resource, StringComparer.Ordinal).FirstOrDefault();

        // No figure that changes with each request: the status would be written again and again.
        return worst is { Stretch: >= Slow }
            ? new(type, true, "UsedTooFast", string.Create(
                CultureInfo.InvariantCulture,
                $"The {worst.Limit} requests an hour that {worst.Holder} has at GitHub (resource "
                + $"{worst.Resource.Quote()}) are used faster than they last. Until they are filled up, at "
                + $"{worst.Reset.UtcDateTime:yyyy-MM-ddTHH:mmZ}, the queue is read less and less often, and new jobs "
                + $"are seen late. Serve fewer repositories with this credential, or leave it to this controller "
                + $"alone."))
            : new(type, false, "Lasts", "GitHub's limits are not used faster than they last.");
    }
}
