using System.Collections.Immutable;
using System.Net;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads one repository: its live runs, and of those the jobs that may have changed. What cannot be read of it stays as
/// it was known; it never answers with less than there is because a part could not be read.
/// </summary>
internal sealed class RepositoryReader(
    GitHubApi api,
    PolledRepository repository,
    GitHubOptions options,
    TimeProvider time,
    ReadingLog log,
    Func<Failure, string, Problem> faultOf)
{
    private const int JobListsAtOnce = 4;

    private readonly Parts parts = new(faultOf, log, time);
    private int requests;

    /// <summary>Requests that were needed.</summary>
    public int Requests => requests;

    private string Path => $"repos/{repository.Key.Owner}/{repository.Key.Name}/actions";

    /// <returns>All unfinished jobs, and those that were found completed since the last reading; or why nothing at all
    /// could be read, or the account must pause.</returns>
    public async Task<(ImmutableArray<Job> Jobs, Problem? Problem)> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lists = new RunLists(api, repository, parts, options.SafetyNetPeriod, time, log);
        repository.JobsUnreadable = null;
        if (await lists.ReadAsync(cancel) is { } unlisted)
            return ([], unlisted);
        await BoundedParallel.ForEachAsync(
            Due(lists, now),
            JobListsAtOnce,
            (run, token) => parts.TryAsync(run.Setback, What(run), () => ReadRunAsync(run, lists, now, token)),
            cancel);
        if (parts.OfAccount is { } ofAccount)
            return ([], ofAccount);
        requests += lists.Requests;
        if (repository.HasLiveRuns)
            repository.LiveAt = now;
        return (Report(), null);
    }

    private string What(TrackedRun run) => $"the jobs of run {run.Id} of '{repository.Key}'";

    /// <summary>
    /// The runs to look into: listed ones that may have news, and those that have left the lists unfinished.
    /// </summary>
    private List<TrackedRun> Due(RunLists lists, DateTimeOffset now)
    {
        var due = new List<TrackedRun>();
        foreach (var data in lists.Live)
        {
            if (!repository.Runs.TryGetValue(data.Id, out var run))
                repository.Runs.Add(data.Id, run = new TrackedRun(data.Id));
            if (JobStates.IsUnknown(data.Status))
                log.Unknown("run status", repository.Key, data.Status ?? "null");
            if (run.IsDue(data, now))
                due.Add(run);
        }
        due.AddRange(repository.Runs.Values.Where(r => lists.HasLeft(r) && MayHaveEnded(r, lists, now)));
        return due;
    }

    /// <summary>A live run that left the lists is looked at at once; if it has not ended, in its turn.</summary>
    private static bool MayHaveEnded(TrackedRun run, RunLists lists, DateTimeOffset now) =>
        lists.IsOver(run.Id) || (run.IsLive && !run.LeftLists) || run.IsDue(null, now);

    private async Task<Failure?> ReadRunAsync(
        TrackedRun run, RunLists lists, DateTimeOffset now, CancellationToken cancel)
    {
        var listed = lists.Find(run.Id);
        var answer = await api.ListAsync<JobData>(
            $"{Path}/runs/{run.Id}/jobs?filter=latest", new(run.PageSize), cancel);
        Interlocked.Add(ref requests, answer.Value?.Requests ?? 1);
        if (answer.Failure is { Status: HttpStatusCode.NotFound })
            return await EndIfGoneAsync(run, listed is not null, cancel);
        if (!answer.Ok)
            return answer.Failure;
        var listing = answer.Value;
        if (listing.IsHollow)
            return listing.Problem(What(run));
        var jobs = listing.Items.DistinctBy(j => j.Id).Select(j => ToJob(j, run.Id, now)).ToImmutableArray();
        var all = !listing.IsPartial && !(jobs.Length < listing.Total);
        run.Read(listed, jobs, all, repository.ReadAt, now);
        run.PageSize = listing.PageSize;
        if (all && listed is null)
        {
            var ended = lists.IsOver(run.Id) ? true : await HasEndedAsync(run, cancel);
            if (!ended.Ok)
                return ended.Failure;
            if (ended.Value)
                run.End();
        }
        if (listing.Unreadable > 0)
        {
            log.Unknown("job", repository.Key, "without a readable id");
            repository.JobsUnreadable = Problems.Unreachable(
                What(run), $"{listing.Unreadable} of {listing.Unreadable + jobs.Length} have no readable id");
        }
        return listing.Problem(What(run));
    }

    /// <summary>A run without a list of jobs was deleted, unless it is there all the same.</summary>
    private async Task<Failure?> EndIfGoneAsync(TrackedRun run, bool isListed, CancellationToken cancel)
    {
        GitHubAnswer<bool> gone = isListed ? false : await HasEndedAsync(run, cancel);
        if (gone.Ok && gone.Value)
            run.End();
        return !gone.Ok ? gone.Failure
            : gone.Value ? null
            : Failure.NoAnswer("the run is there, its jobs were answered 404");
    }

    /// <summary>
    /// Whether a run that is in no list of live runs has ended. The lists come from an index that may lag behind, so
    /// the run itself is asked when its jobs do not tell.
    /// </summary>
    private async Task<GitHubAnswer<bool>> HasEndedAsync(TrackedRun run, CancellationToken cancel)
    {
        if (run.Jobs.Length > 0 && !run.HasUnfinished)
            return true;
        Interlocked.Increment(ref requests);
        var answer = await api.GetAsync<RunData>($"{Path}/runs/{run.Id}", cancel);
        if (answer.Failure is { Status: HttpStatusCode.NotFound })
            return true;
        if (!answer.Ok)
            return answer.Failure;
        run.Status = answer.Value.Status;
        return run.Status == JobStates.Completed;
    }

    private ImmutableArray<Job> Report()
    {
        ImmutableArray<Job> jobs = [.. repository.Runs.Values.SelectMany(r => r.Report()).OrderBy(j => j.Id)];
        foreach (var run in repository.Runs.Values.ToArray())
            if (run.Ended)
                repository.Runs.Remove(run.Id);
        return jobs;
    }

    private Job ToJob(JobData data, long run, DateTimeOffset now)
    {
        if (JobStates.Of(data.Status) is null)
            log.Unknown("job status", repository.Key, data.Status ?? "null");
        if (JobStates.IsUnknownConclusion(data.Conclusion))
            log.Unknown("conclusion", repository.Key, data.Conclusion!);
        return JobStates.ToJob(data, repository.Key, now) with { RunId = run };
    }
}
