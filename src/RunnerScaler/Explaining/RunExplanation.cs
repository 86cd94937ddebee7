using System.Globalization;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Explaining;

/// <summary>Says of a run what is known of its jobs.</summary>
internal static class RunExplanation
{
    /// <summary>More jobs of a run are only counted; GitHub allows 256 for each matrix.</summary>
    public const int MostJobs = 500;

    /// <returns>Null if there is no such run for the reader.</returns>
    public static RunAnswer? Of(Knowledge known, Reader reader, long id, RepositoryName? repository)
    {
        var found = FoundJob.All(known, job => job.RunId == id && repository?.Is(job.Repository) != false)
            .Where(job => reader.MayRead(job.Owner))
            .OrderBy(job => Rank(job.Job.State)).ThenBy(job => job.Job.QueuedAt).ThenBy(job => job.Job.Id)
            .ToArray();
        if (found.Length == 0)
            return null;

        // An id is unique at a server, and there may be several.
        var (first, all) = (found[0].Job, found.Where(f => f.Job.Repository == found[0].Job.Repository).ToArray());
        return new(
            id, Wording.Name(first.Repository.ToString()), Wording.RunUrl(first), Summary(all),
            [.. all.Take(MostJobs).Select(job => JobExplanation.Of(known, reader, job))],
            Math.Max(0, all.Length - MostJobs));
    }

    private static int Rank(JobState state) => state switch
    {
        JobState.Queued => 0,
        JobState.Running => 1,
        JobState.Blocked => 2,
        _ => 3,
    };

    private static string Summary(FoundJob[] jobs)
    {
        var by = jobs.CountBy(j => j.Job.State).ToDictionary();
        var parts = new (JobState State, string Words)[]
        {
            (JobState.Queued, "queued"), (JobState.Running, "running"), (JobState.Blocked, "waiting for something "
                + "else than a runner"), (JobState.Completed, "ended"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"Of {jobs.Length} known jobs ")
            + string.Join(", ", parts.Where(p => by.ContainsKey(p.State))
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{by[p.State]} {p.Words}")))
            + ". Jobs that have not begun to wait, or have ended a while ago, are not known.";
    }
}
