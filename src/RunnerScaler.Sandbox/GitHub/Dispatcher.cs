namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// Brings jobs and runners together as GitHub does: a queued job goes to any matching idle online runner, never to one
/// that somebody had in mind for it. Not thread-safe: its owner locks.
/// </summary>
internal sealed class Dispatcher(
    Catalog catalog, RunBook book, RunnerRoster roster, ScaleSetBook sets, Tally tally, Random random)
{
    /// <summary>Whether what is planned still concerns its job or runner as that is now.</summary>
    public bool Holds(ScheduledEvent planned) => planned.ConcernsRunner
        ? roster.Find(planned.Id)?.Epoch == planned.Epoch
        : book.FindJob(planned.Id)?.Epoch == planned.Epoch;

    /// <summary>Does what was planned for this time.</summary>
    public void Do(ScheduledEvent planned, DateTimeOffset at)
    {
        switch (planned.Action)
        {
            case ScheduledAction.MatchJob or ScheduledAction.MatchRunner:
                Match(at);
                break;
            case ScheduledAction.ExpireJob:
                End(book.FindJob(planned.Id)!, JobConclusion.Failure, at);
                break;
            case ScheduledAction.RequeueJob:
                Requeue(book.FindJob(planned.Id)!, at);
                break;
            case ScheduledAction.LapseSetAssignment:
                Lapse(book.FindJob(planned.Id)!, at);
                break;
            case ScheduledAction.StartHosted:
                StartHosted(book.FindJob(planned.Id)!, at);
                break;
            case ScheduledAction.EndHosted:
                End(book.FindJob(planned.Id)!, book.FindJob(planned.Id)!.EndsAs, at);
                break;
            case ScheduledAction.EndCancelled:
                End(book.FindJob(planned.Id)!, JobConclusion.Cancelled, at);
                break;
            default:
                DoForRunner(planned.Action, roster.Find(planned.Id)!, at);
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

    private void DoForRunner(ScheduledAction action, Runner runner, DateTimeOffset at)
    {
        switch (action)
        {
            case ScheduledAction.DropIdleRunner:
                tally.DroppedIdle++;
                roster.Remove(runner);
                break;
            case ScheduledAction.ReapRunner:
                tally.Reaped++;
                roster.Remove(runner);
                break;
            case ScheduledAction.NoticeOffline:
                roster.EndSession(runner);
                roster.Update(runner with { Online = false, Vanished = false, Since = at }, at);
                break;
            case ScheduledAction.LoseContact:
                tally.LostContact++;
                End(book.FindJob(runner.JobId!.Value)!, JobConclusion.Failure, at);
                break;
            default:
                throw new InvalidOperationException($"{action} does not concern a runner.");
        }
    }

    /// <summary>Assigns or offers queued jobs to the scale sets that fit and have room for them.</summary>
    public void FillSets(DateTimeOffset at)
    {
        var open = sets.Open(at);
        if (open.Count == 0) return;
        foreach (var job in book.Waiting.Where(job => job.ScaleSetId is null && job.ReadyAt <= at).ToList())
        {
            var repository = catalog.Repository(job.RepositoryId);
            var fitting = open.FindAll(set => Fits(set.Set, job, repository));
            fitting.ForEach(set => set.Offer(job));
            var roomy = fitting.FindAll(set => set.HasRoom);
            if (roomy.Count > 0) Assign(roomy[random.Next(roomy.Count)].Set, job, at);
        }
    }

    /// <summary>The job is the set's from now on: only its runners get it.</summary>
    public void Assign(ScaleSet set, Job job, DateTimeOffset at) => book.Update(
        job with { ScaleSetId = set.Id, SetAssignedAt = at, SetAssignments = job.SetAssignments + 1 }, at);

    /// <summary>Takes a job that no runner works on from its set; it waits for any again.</summary>
    public void TakeFromSet(Job job, DateTimeOffset at)
    {
        if (job.AssignedTo is { } assigned && roster.Find(assigned) is { } runner) Free(runner, at);
        book.Update(
            job with { AssignedTo = null, AssignedAt = null, ScaleSetId = null, SetAssignedAt = null }, at);
    }

    private void Match(DateTimeOffset at)
    {
        FillRunners(at);
        FillSets(at);
    }

    private void FillRunners(DateTimeOffset at)
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
        runner.ScaleSetId == job.ScaleSetId
        && LabelsFit(runner.Labels, job)
        && IsOpenTo(job, repository, runner.Scope, runner.GroupId, runner.GroupName);

    private bool Fits(ScaleSet set, Job job, Repository repository) =>
        LabelsFit(set.Labels, job) && IsOpenTo(job, repository, set.Scope, set.GroupId, set.GroupName);

    private bool IsOpenTo(Job job, Repository repository, RunnerScope scope, long groupId, string groupName) =>
        (job.Group is null || string.Equals(job.Group, groupName, StringComparison.OrdinalIgnoreCase))
        && (scope.RepositoryId is { } own
            ? own == job.RepositoryId
            : catalog.Covers(scope.AccountId, repository.Owner)
                && catalog.FindGroup(groupId) is { } group && group.Serves(repository, book.Run(job.RunId)));

    private static bool LabelsFit(IReadOnlyList<string> labels, Job job) =>
        job.Labels.All(label => labels.Contains(label, StringComparer.OrdinalIgnoreCase));

    private void Requeue(Job job, DateTimeOffset at)
    {
        tally.Requeued++;
        if (roster.Find(job.AssignedTo!.Value) is { } runner) Free(runner with { Lapsed = true }, at);
        Release(job, at);
    }

    private void Release(Job job, DateTimeOffset at) =>
        book.Update(
            job with { AssignedTo = null, AssignedAt = null, SetAssignedAt = job.ScaleSetId is null ? null : at }, at);

    /// <summary>No runner of its set took it: back into the queue, or over when that has been tried enough.</summary>
    private void Lapse(Job job, DateTimeOffset at)
    {
        tally.Requeued++;
        if (sets.MayLapseAgain(job)) TakeFromSet(job, at);
        else End(job, JobConclusion.Cancelled, at);
    }

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
