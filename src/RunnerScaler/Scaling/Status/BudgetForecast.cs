using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Whether an hourly limit of GitHub's is enough for the repositories that are read with it.</summary>
internal static class BudgetForecast
{
    /// <summary>A limit that was filled up more lately says too little of the hour.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A job in a repository that is read less often is seen late by any measure.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Requests that will have been used up in an hour: each repository is read in full once, since what is known
    /// without asking is so for a token, which lives for an hour; and all else goes on as since the limit was filled
    /// up.
    /// </summary>
    public static int Used(BudgetFigure figure, ReadingLoad load, DateTimeOffset now)
    {
        var (used, since) = (figure.Limit - figure.Remaining, Hour - (figure.Reset - now));
        var further = Math.Max(0, used - load.OneReading) * (Hour / (since < Least ? Least : since));
        return (int)Math.Min(int.MaxValue, Math.Ceiling(load.OneReading + further));
    }

    /// <returns>How it is; null if nothing is read with it.</returns>
    public static CheckAnswer? Of(BudgetFigure figure, DateTimeOffset now)
    {
        const string check = "budget";
        if (figure.Load is not { Repositories: > 0 } load)
            return null;
        var (used, about) = (Used(figure, load, now), figure.Holder.Shown());
        if (load.OneReading > figure.ForReading)
            return new(check, CheckLevel.Failure, about, string.Create(
                CultureInfo.InvariantCulture,
                $"One reading of its {load.Repositories} repositories takes {Math.Ceiling(load.OneReading)} requests, "
                + $"and reading may use {figure.ForReading} an hour of the {figure.Limit} that GitHub allows: not all "
                + $"can be read."), Remedy);
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"Reading its {load.Repositories} {(load.Repositories == 1 ? "repository" : "repositories")}, quiet ones "
            + $"every {Math.Ceiling(load.Quiet.TotalSeconds)} s, is {Math.Ceiling(load.PerHour)} requests an hour; "
            + $"with all else about {used} count, of {figure.ForReading} that reading may use up of {figure.Limit}");
        return used > figure.ForReading
            ? new(check, CheckLevel.Warning, about, $"{found}: before the hour is over the queue is read less often, "
                + "and new jobs are seen late.", Remedy)
            : load.Quiet > Late
            ? new(check, CheckLevel.Warning, about, $"{found}. A job in a quiet repository is seen late.", Remedy)
            : CheckAnswer.Fine(check, about, $"{found}.");
    }

    private const string Remedy = "Serve fewer repositories with one credential, let a webhook tell of jobs, or use "
        + "scale sets: docs/feeds.md.";
}
