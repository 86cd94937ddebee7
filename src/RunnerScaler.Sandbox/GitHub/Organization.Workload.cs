namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    /// <summary>Starts a run of a workflow; its jobs without needs are created at once.</summary>
    /// <exception cref="GitHubRefusal">404: no such repository; 403: it is archived or disabled.</exception>
    public Run QueueRun(string repository, WorkflowSpec workflow)
    {
        workflow.Validate();
        lock (_gate)
        {
            var now = Applied();
            var home = _catalog.Repository(repository);
            if (home.Archived || home.Disabled)
                throw new GitHubRefusal(403, $"Repository {home.FullName} is archived or disabled.");
            if (workflow.Event == "push") _catalog.Put(home with { PushedAt = now });
            return _book.AddRun(home, workflow, now);
        }
    }

    /// <summary>Cancels what has not started; asks the runners of what has. Zombies cannot be cancelled.</summary>
    /// <exception cref="GitHubRefusal">409: the run is over, or a zombie.</exception>
    public void CancelRun(long runId)
    {
        lock (_gate)
        {
            var now = Applied();
            var run = _book.Run(runId);
            if (run.Stuck || run.Status == JobStatus.Completed)
                throw new GitHubRefusal(409, "Cannot cancel a workflow run that is completed.");
            foreach (var job in _book.CurrentJobsOf(run).ToList()) _dispatcher.Cancel(job, now);
        }
    }

    /// <summary>Cancels one job; nothing happens when it is over.</summary>
    public void CancelJob(long jobId)
    {
        lock (_gate)
        {
            var now = Applied();
            _dispatcher.Cancel(_book.FindJob(jobId) ?? throw GitHubRefusal.NotFound(), now);
        }
    }

    /// <summary>
    /// Runs a completed run again, under the same id and creation time but with new job ids. With
    /// <paramref name="failedOnly"/> the jobs that succeeded appear anew too, completed from the first moment.
    /// </summary>
    /// <exception cref="GitHubRefusal">403: the run is not over, or nothing failed.</exception>
    public Run RerunRun(long runId, bool failedOnly = false)
    {
        lock (_gate)
        {
            var now = Applied();
            var run = _book.Run(runId);
            if (run.Stuck || run.Status != JobStatus.Completed)
                throw new GitHubRefusal(403, "This workflow is already running.");
            var jobs = _book.CurrentJobsOf(run).ToList();
            if (failedOnly && jobs.TrueForAll(job => job.Conclusion == JobConclusion.Success))
                throw new GitHubRefusal(403, "The workflow run has no failed jobs to run again.");
            var kept = failedOnly ? jobs.Where(job => job.Conclusion == JobConclusion.Success) : [];
            return _book.NextAttempt(runId, kept.ToDictionary(job => job.Name), now);
        }
    }

    /// <summary>Lets a waiting, pending or requested job into the queue: its gate opened.</summary>
    public Job ReleaseJob(long jobId)
    {
        lock (_gate)
        {
            var now = Applied();
            var job = _book.FindJob(jobId) ?? throw GitHubRefusal.NotFound();
            return job.Status is JobStatus.Waiting or JobStatus.Pending or JobStatus.Requested
                ? _book.Update(job with { Status = JobStatus.Queued, QueuedAt = now }, now)
                : throw new GitHubRefusal(409, $"Job {jobId} is {job.Status.ToWire()}: it waits for no gate.");
        }
    }

    /// <summary>
    /// A run that reads queued, has no jobs and stays for weeks (https://github.com/actions/runner/issues/3872).
    /// </summary>
    public Run AddZombieRun(string repository)
    {
        lock (_gate)
        {
            var now = Applied();
            var run = _book.AddRun(_catalog.Repository(repository), new WorkflowSpec("zombie", []), now);
            _book.Replace(run with { Stuck = true });
            return _book.Run(run.Id);
        }
    }

    /// <summary>A job that reads queued for ever in a run that is completed.</summary>
    public Job AddGhostJob(string repository, params IReadOnlyList<string> labels)
    {
        lock (_gate)
        {
            var now = Applied();
            var run = _book.AddRun(_catalog.Repository(repository), new WorkflowSpec("ghost", []), now);
            _book.Replace(run with
            {
                Stuck = true,
                Status = JobStatus.Completed,
                Conclusion = JobConclusion.Cancelled,
            });
            var ghost = new Job(0, run.Id, run.RepositoryId, run.Attempt, "ghost")
            {
                Key = "ghost",
                Labels = labels,
                Ghost = true,
                Status = JobStatus.Queued,
                CreatedAt = now,
                QueuedAt = now,
            };
            return _book.AddJob(ghost, now);
        }
    }

    /// <summary>The run as it is now; null when there is none.</summary>
    public Run? FindRun(long runId)
    {
        lock (_gate)
        {
            Applied();
            return _book.FindRun(runId);
        }
    }

    /// <summary>What happened to jobs since the delivery with this id, oldest first; 0 for all that is kept.</summary>
    public IReadOnlyList<Delivery> DeliveriesAfter(long id)
    {
        lock (_gate)
        {
            Applied();
            return [.. _deliveries.After(id)];
        }
    }

    /// <summary>The job as it is now; null when there is none.</summary>
    public Job? FindJob(long jobId)
    {
        lock (_gate)
        {
            Applied();
            return _book.FindJob(jobId);
        }
    }

    /// <summary>The runs of a repository that fit, newest first.</summary>
    public IReadOnlyList<Run> RunsOf(string repository, Func<Run, bool>? fits = null)
    {
        lock (_gate)
        {
            Applied();
            var runs = _book.RunsOf(_catalog.Repository(repository).Id);
            return [.. fits is null ? runs : runs.Where(fits)];
        }
    }

    /// <summary>The jobs of a run's latest attempt, oldest first.</summary>
    public IReadOnlyList<Job> JobsOf(long runId) => JobsOf(runId, attempt: null);

    /// <summary>The jobs of one attempt of a run; 0 for those of all attempts.</summary>
    /// <exception cref="GitHubRefusal">404: no such run or attempt.</exception>
    public IReadOnlyList<Job> JobsOf(long runId, int? attempt)
    {
        lock (_gate)
        {
            Applied();
            var run = _book.Run(runId);
            if (attempt < 0 || attempt > run.Attempt) throw GitHubRefusal.NotFound();
            var wanted = attempt ?? run.Attempt;
            return [.. _book.JobsOf(runId).Where(job => wanted == 0 || job.Attempt == wanted)];
        }
    }
}
