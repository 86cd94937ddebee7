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

    /// <summary>Requests in an hour that reading the queue may use of it.</summary>
    public int ForReading { get; init; }

    /// <summary>What is read with it; null if nothing is, as with scale sets.</summary>
    public ReadingLoad? Load { get; init; }
}

/// <summary>What reading the queue takes of a limit.</summary>
/// <param name="Repositories">How many are read.</param>
/// <param name="OneReading">Requests that one reading of each of them takes.</param>
/// <param name="PerHour">Requests in an hour at the present cadence, most of which cost nothing.</param>
/// <param name="Quiet">How often a repository without news is read.</param>
internal sealed record ReadingLoad(int Repositories, double OneReading, double PerHour, TimeSpan Quiet);
