namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// Brings jobs and runners together as GitHub does: a queued job goes to any matching idle online runner, never to one
/// that somebody had in mind for it. Not thread-safe: its owner locks.
/// </summary>
internal sealed class Dispatcher(
    Catalog catalog, RunBook book, RunnerRoster roster, Tally tally, Random random)
{
    /// <summary>Whether an appointment still concerns its job or runner as that is now.</summary>
    public bool Holds(Appointment appointment) => appointment.ConcernsRunner
        ? roster.Find(appointment.Id)?.Epoch == appointment.Epoch
        : book.FindJob(appointment.Id)?.Epoch == appointment.Epoch;

    /// <summary>Does what was planned for this time.</summary>
    public void Do(Appointment appointment, DateTimeOffset at)
    {
        switch (appointment.Deed)
        {
            case Deed.MatchJob or Deed.MatchRunner:
                Match(at);
                break;
            case Deed.ExpireJob:
                End(book.FindJob(appointment.Id)!, JobConclusion.Failure, at);
                break;
            case Deed.RequeueJob:
                Requeue(book.FindJob(appointment.Id)!, at);
                break;
            case Deed.StartHosted:
                StartHosted(book.FindJob(appointment.Id)!, at);
                break;
            case Deed.EndHosted:
                End(book.FindJob(appointment.Id)!, book.FindJob(appointment.Id)!.EndsAs, at);
                break;
            case Deed.EndCancelled:
                End(book.FindJob(appointment.Id)!, JobConclusion.Cancelled, at);
                break;
            default:
                DoForRunner(appointment.Deed, roster.Find(appointment.Id)!, at);
                break;
        }
    }

    /// <summary>The runner picks up the job assigned to it.</summary>
    public Job Start(Runner runner, DateTimeOffset at)
    {
        roster.Update(runner with { Running = true, Since = at }, at);
        return book.Update(
            book.FindJob(runner.JobId!.Value)! with
            {
                Status = JobStatus.InProgress,
                StartedAt = at,
                Runner = new JobRunner(runner.Id, runner.Name, runner.GroupId, runner.GroupName),
                AssignedTo = null,
                AssignedAt = null,
            },
            at);
    }

    /// <summary>The job is over; a runner that worked on it was for this one job, and is removed.</summary>
    public void End(Job job, JobConclusion conclusion, DateTimeOffset at)
    {
        if (job.AssignedTo is { } assigned) Free(roster.Find(assigned)!, at);
        else if (!job.Hosted && job.Runner is { } worker && roster.Find(worker.Id) is { } runner) roster.Remove(runner);
        book.Update(
            job with
            {
                Status = JobStatus.Completed,
                Conclusion = conclusion,
                CompletedAt = at,
                AssignedTo = null,
                AssignedAt = null,
            },
            at);
    }

    /// <summary>Ends a job that has not started; asks the runner of one that has.</summary>
    public void Cancel(Job job, DateTimeOffset at)
    {
        if (job.Status == JobStatus.Completed) return;
        if (job.Status != JobStatus.InProgress || job.Hosted) End(job, JobConclusion.Cancelled, at);
        else if (job.CancelRequestedAt is null) book.Update(job with { CancelRequestedAt = at }, at);
    }

    private void DoForRunner(Deed deed, Runner runner, DateTimeOffset at)
    {
        switch (deed)
        {
            case Deed.DropIdleRunner:
                tally.DroppedIdle++;
                roster.Remove(runner);
                break;
            case Deed.ReapRunner:
                tally.Reaped++;
                roster.Remove(runner);
                break;
            case Deed.NoticeOffline:
                roster.EndSession(runner);
                roster.Update(runner with { Online = false, Vanished = false, Since = at }, at);
                break;
            case Deed.LoseContact:
                tally.LostContact++;
                End(book.FindJob(runner.JobId!.Value)!, JobConclusion.Failure, at);
                break;
            default:
                throw new InvalidOperationException($"{deed} does not concern a runner.");
        }
    }

    private void Match(DateTimeOffset at)
    {
        var idle = roster.All.Where(runner => runner.CanBeAssigned(at)).ToList();
        if (idle.Count == 0) return;
        foreach (var job in book.Waiting.Where(job => job.ReadyAt <= at).ToList())
        {
            var repository = catalog.Repository(job.RepositoryId);
            var fitting = idle.FindAll(runner => Serves(runner, job, repository));
            if (fitting.Count == 0) continue;
            var chosen = fitting[random.Next(fitting.Count)];
            idle.Remove(chosen);
            roster.Update(chosen with { JobId = job.Id, Since = at }, at);
            book.Update(job with { AssignedTo = chosen.Id, AssignedAt = at }, at);
            if (idle.Count == 0) return;
        }
    }

    private bool Serves(Runner runner, Job job, Repository repository) =>
        LabelsFit(runner, job)
        && (job.Group is null || string.Equals(job.Group, runner.GroupName, StringComparison.OrdinalIgnoreCase))
        && (runner.Scope.RepositoryId is { } own
            ? own == job.RepositoryId
            : runner.Scope.AccountId == repository.Owner.Id
                && catalog.FindGroup(runner.GroupId) is { } group && group.Serves(repository, book.Run(job.RunId)));

    private static bool LabelsFit(Runner runner, Job job) =>
        job.Labels.All(label => runner.Labels.Contains(label, StringComparer.OrdinalIgnoreCase));

    private void Requeue(Job job, DateTimeOffset at)
    {
        tally.Requeued++;
        if (roster.Find(job.AssignedTo!.Value) is { } runner) Free(runner with { Lapsed = true }, at);
        Release(job, at);
    }

    private void Release(Job job, DateTimeOffset at) =>
        book.Update(job with { AssignedTo = null, AssignedAt = null }, at);

    private void Free(Runner runner, DateTimeOffset at) =>
        roster.Update(runner with { JobId = null, Since = at, ReadyAt = at }, at);

    private void StartHosted(Job job, DateTimeOffset at) => book.Update(
        job with
        {
            Status = JobStatus.InProgress,
            StartedAt = at,
            Runner = new JobRunner(1_000_000_000 + (job.Id % 1_000_000), "GitHub Actions", 0, "GitHub Actions"),
        },
        at);
}
