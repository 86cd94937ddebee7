using System.Collections.Immutable;
using Octokit;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads one repository: its live runs, and of those the jobs that may have changed. A reading either succeeds whole or
/// throws; it never answers with less than there is because a part could not be read.
/// </summary>
internal sealed class RepositoryReader(
    GitHubApi api, WatchedRepository repository, GitHubOptions options, TimeProvider time, ReadingLog log)
{
    /// <summary>GitHub answers a list of runs by status with 1,000 at most.</summary>
    private const int MostRunPages = 10;
    private const int MostJobPages = 100;
    private const int JobListsAtOnce = 4;

    private int requests;

    /// <summary>Requests that were needed.</summary>
    public int Requests => requests;

    private string Path => $"repos/{repository.Key.Owner}/{repository.Key.Name}/actions";

    /// <param name="urgent">Somebody waits for news of this repository.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>All unfinished jobs, and those that were found completed since the last reading.</returns>
    public async Task<ImmutableArray<Job>> ReadAsync(bool urgent, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var net = repository.NetAt is null || now - repository.NetAt >= options.SafetyNetPeriod;
        var live = repository.HasLiveRuns;
        var listed = new Dictionary<long, RunData>();
        await ListAsync(JobStates.Queued, listed, cancel);
        if (net || live)
            await ListAsync(JobStates.InProgress, listed, cancel);
        if (net)
            await ListAsync(JobStates.Waiting, listed, cancel);

        await Workers.ForEachAsync(
            Due(listed, wholeList: net || live, urgent, now),
            JobListsAtOnce,
            (run, token) => ReadRunAsync(run, listed.GetValueOrDefault(run.Id), now, token),
            cancel);
        if (net)
            repository.NetAt = now;
        if (repository.HasLiveRuns)
            repository.LiveAt = now;
        return Report();
    }

    /// <summary>
    /// The runs to look into: listed ones that may have news, and those that have left the lists unfinished.
    /// </summary>
    private List<TrackedRun> Due(Dictionary<long, RunData> listed, bool wholeList, bool urgent, DateTimeOffset now)
    {
        var due = new List<TrackedRun>();
        foreach (var data in listed.Values)
        {
            if (!repository.Runs.TryGetValue(data.Id, out var run))
                repository.Runs.Add(data.Id, run = new TrackedRun(data.Id));
            if (run.IsDue(data, urgent, now))
                due.Add(run);
        }
        if (wholeList)
            due.AddRange(repository.Runs.Values.Where(r => !listed.ContainsKey(r.Id) && MayHaveEnded(r, urgent, now)));
        return due;
    }

    /// <summary>A live run that left the lists is looked at at once; if it has not ended, in its turn.</summary>
    private static bool MayHaveEnded(TrackedRun run, bool urgent, DateTimeOffset now) =>
        (run.IsLive && !run.LeftLists) || run.IsDue(null, urgent, now);

    private async Task ReadRunAsync(TrackedRun run, RunData? listed, DateTimeOffset now, CancellationToken cancel)
    {
        if (await JobsAsync(run.Id, now, cancel) is not { } jobs)
        {
            run.End();
            return;
        }
        run.Read(listed, jobs, now);
        if (listed is null && await HasEndedAsync(run, cancel))
            run.End();
    }

    /// <summary>The jobs of a run's latest attempt; null if the run was deleted.</summary>
    private async Task<ImmutableArray<Job>?> JobsAsync(long run, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            Interlocked.Increment(ref requests);
            var (items, total) = await api.ListAsync<JobPage, JobData>(
                $"{Path}/runs/{run}/jobs?filter=latest", MostJobPages, cancel);
            if (items.Count == 0 && total > 0)
                throw new UnusableAnswerException($"the jobs of run {run} were answered with none of {total}");
            Interlocked.Add(ref requests, items.Count / GitHubApi.PageSize);
            return [.. items.DistinctBy(j => j.Id).Select(j => ToJob(j, now))];
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether a run that is in no list of live runs has ended. The lists come from an index that may lag behind, so
    /// the run itself is asked when its jobs do not tell.
    /// </summary>
    private async Task<bool> HasEndedAsync(TrackedRun run, CancellationToken cancel)
    {
        if (run.Jobs.Length > 0 && !run.HasUnfinished)
            return true;
        try
        {
            Interlocked.Increment(ref requests);
            var data = await api.GetAsync<RunData>($"{Path}/runs/{run.Id}", cancel);
            return data.Status == JobStates.Completed;
        }
        catch (NotFoundException)
        {
            return true;
        }
    }

    private async Task ListAsync(string status, Dictionary<long, RunData> listed, CancellationToken cancel)
    {
        Interlocked.Increment(ref requests);
        var (items, total) = await api.ListAsync<RunPage, RunData>(
            $"{Path}/runs?status={status}&exclude_pull_requests=true", MostRunPages, cancel);
        Interlocked.Add(ref requests, items.Count / GitHubApi.PageSize);
        if (total > MostRunPages * GitHubApi.PageSize)
            log.Capped(repository.Key, status, total);
        foreach (var run in items)
            if (run.Status != JobStates.Completed)
                listed[run.Id] = run;
    }

    private ImmutableArray<Job> Report()
    {
        ImmutableArray<Job> jobs = [.. repository.Runs.Values.SelectMany(r => r.Report()).OrderBy(j => j.Id)];
        foreach (var run in repository.Runs.Values.ToArray())
            if (run.Ended)
                repository.Runs.Remove(run.Id);
        return jobs;
    }

    private Job ToJob(JobData data, DateTimeOffset now)
    {
        if (JobStates.Of(data.Status) is null)
            log.UnknownStatus(repository.Key, data.Status ?? "null");
        return JobStates.ToJob(data, repository.Key, now);
    }
}
