using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Explaining;

/// <summary>Says of a job where it is on its way to a runner, and what it waits for.</summary>
internal static class JobExplanation
{
    /// <param name="known">What is known.</param>
    /// <param name="reader">Who asks.</param>
    /// <param name="id">GitHub's id of the job.</param>
    /// <param name="repository">Where; null for anywhere: ids are unique at a server.</param>
    /// <returns>Null if there is no such job for him.</returns>
    public static JobAnswer? Of(Knowledge known, Reader reader, long id, RepositoryName? repository) =>
        FoundJob.All(known, job => job.Id == id && repository?.Is(job.Repository) != false)
            .FirstOrDefault(found => reader.MayRead(found.Owner)) is { } found
            ? Of(known, reader, found)
            : null;

    public static JobAnswer Of(Knowledge known, Reader reader, FoundJob found)
    {
        var job = found.Job;
        var waits = WaitOf(known, reader, found);
        var waiting = found.Pool?.WaitingOf(job.Id);
        var runner = found.Runner ?? (job.State == JobState.Queued ? waiting?.Runner : null);
        return new()
        {
            Id = job.Id,
            RunId = job.RunId,
            RunAttempt = job.RunAttempt,
            Repository = Wording.Name(job.Repository.ToString()),
            Name = Wording.Name(job.Name),
            Url = Wording.Url(job),
            Labels = [.. job.Labels.Take(20).Select(Wording.Name)],
            State = job.State,
            Summary = waits?.Sentence ?? Wording.Sentence(Summary(known, found)),
            QueuedAt = job.QueuedAt,
            StartedAt = job.StartedAt,
            CompletedAt = job.CompletedAt,
            Conclusion = job.Conclusion is { } conclusion ? Wording.Name(conclusion) : null,
            ReadAt = found.ReadAt,
            Pool = found.IsServed ? found.Owner?.ToString() : null,
            Nearest = found.IsServed || job.State != JobState.Queued ? null : NearestOf(known, reader, found),
            Place = PlaceOf(found),
            Waits = waits,
            Pod = runner is null ? null : PodExplanation.Of(known, runner),
            Estimate = waiting is { } now && job.State == JobState.Queued ? Estimate.Of(known, now, found.Pool!) : null,
            Ended = found.Ended is { } ended ? PodExplanation.EndOf(ended) : null,
        };
    }

    private static WaitAnswer? WaitOf(Knowledge known, Reader reader, FoundJob found) => found switch
    {
        { Job.State: JobState.Blocked } => new(
            null, null, null,
            "It waits at GitHub for something else than a runner: an approval, a concurrency group, or jobs that it "
            + "needs. No runner is made for it before that.",
            "See its run at GitHub, which says for what."),
        { Job.State: not JobState.Queued } => null,
        { Pool: null } => UnservedWords.Of(known, reader, found.Job),
        { Pool: { Input: { } input } pass } when pass.WaitingOf(found.Job.Id) is { } waiting =>
            ReasonWords.Of(waiting, input, Since(pass, found.Job)),
        _ => new(
            null, null, null,
            $"Pool {found.Pool!.Key} has not looked at it yet: its next pass does, in a moment.",
            "Ask again in a few seconds."),
    };

    private static DateTimeOffset? Since(PoolReading pass, Job job) =>
        pass.Waits.TryGetValue(job.Id, out var start) ? start.At : null;

    private static string Summary(Knowledge known, FoundJob found)
    {
        var job = found.Job;
        if (job.State == JobState.Completed)
            return $"It has ended: {Wording.Name(job.Conclusion ?? "GitHub has not said how")}. "
                + (found.Ended?.Sentence ?? "");
        if (found.Ended is { } ended)
            return $"Its runner has ended, and GitHub has not said yet what became of the job. {ended.Sentence}";
        var runner = Wording.Name(job.RunnerName ?? "?").Quote();
        return found.Owner is { } pool
            ? $"Runner {runner} of pool {pool} has had it for {Wording.Span(known.Now - (job.StartedAt ?? known.Now))}."
            : $"Runner {runner} has it, which is none of these pools'.";
    }

    private static NearestAnswer NearestOf(Knowledge known, Reader reader, FoundJob found) => LabelWords.Of(
        found.Job, found.Pool?.Input?.Pool,
        [
            .. known.Pools.Where(p => reader.MayRead(p.Key) && p.Input?.Pool.Serves[0].Server
                    == found.Job.Repository.Server)
                .Select(p => p.Input!.Pool),
        ]);

    private static PlaceAnswer? PlaceOf(FoundJob found)
    {
        if (found is not { IsServed: true, Job.State: JobState.Queued, Pool.Input.Demand.Queued: var queue })
            return null;
        for (var i = 0; i < queue.Length; i++)
            if (queue[i].Job.Id == found.Job.Id)
                return new(i + 1, queue.Length);
        return null;
    }
}
