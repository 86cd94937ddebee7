using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>What GitHub last said of an hourly limit.</summary>
/// <param name="Account">The account.</param>
/// <param name="Holder">Whose limit it is, such as <c>the App of Secret ci/github-app at 'acme'</c>.</param>
/// <param name="Resource">GitHub's word for what is limited.</param>
/// <param name="Remaining">Requests that are left.</param>
/// <param name="Limit">Requests in an hour.</param>
/// <param name="Reset">When it is filled up again.</param>
internal sealed record BudgetFigure(
    AccountKey Account, string Holder, string Resource, int Remaining, int Limit, DateTimeOffset Reset)
{
    /// <summary>By how much the periods of reading are stretched for it to last: 1 to 20.</summary>
    public double Stretch { get; init; } = 1;
}
