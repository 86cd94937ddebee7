namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// All runs and jobs. <see cref="Update"/> is the one place where a job changes: it keeps the queue, what is planned,
/// the run's status and the tally in step. Not thread-safe: its owner locks.
/// </summary>
internal sealed class RunBook(
    Ids ids, EventQueue events, Tally tally, DeliveryLog deliveries, ScaleSetBook sets, Func<TimeSpan> delay,
    OrganizationSettings settings)
{
    private readonly Dictionary<long, Entry> _runs = [];
    private readonly Dictionary<long, Job> _jobs = [];
    private readonly Dictionary<long, List<long>> _runsOf = [];
    private readonly SortedSet<(DateTimeOffset QueuedAt, long Id)> _waiting = [];

    /// <summary>Grows with every change of a run or a job.</summary>
    public long Changes { get; private set; }

    /// <summary>Jobs that await a runner, oldest first.</summary>
    public IEnumerable<Job> Waiting => _waiting.Select(key => _jobs[key.Id]);

    public Job? FindJob(long id) => _jobs.GetValueOrDefault(id);

    public Run? FindRun(long id) => _runs.GetValueOrDefault(id)?.Run;

    public Run Run(long id) => FindRun(id) ?? throw GitHubRefusal.NotFound();

    /// <summary>Newest first, as GitHub lists them.</summary>
    public IEnumerable<Run> RunsOf(long repositoryId) =>
        _runsOf.GetValueOrDefault(repositoryId, []).AsEnumerable().Reverse().Select(id => _runs[id].Run);

    /// <summary>All attempts, oldest first.</summary>
    public IEnumerable<Job> JobsOf(long runId) =>
        _runs.TryGetValue(runId, out var entry) ? entry.Jobs.Select(id => _jobs[id]) : [];

    public IEnumerable<Job> CurrentJobsOf(Run run) => JobsOf(run.Id).Where(job => job.Attempt == run.Attempt);

    public Run AddRun(Repository repository, WorkflowSpec spec, DateTimeOffset at)
    {
        var runs = _runsOf.TryGetValue(repository.Id, out var known) ? known : _runsOf[repository.Id] = [];
        var entry = new Entry(spec, new Run(ids.NextRun(), repository.Id, spec.Name)
        {
            Number = runs.Count + 1,
            Event = spec.Event,
            Branch = spec.Branch,
            HeadSha = ids.Hex(40),
            IsOfFork = spec.IsOfFork,
            CreatedAt = at,
            StartedAt = at,
            UpdatedAt = at,
        });
        runs.Add(entry.Run.Id);
        _runs.Add(entry.Run.Id, entry);
        Unfold(entry, at);
        Refresh(entry, at);
        return entry.Run;
    }

    /// <summary>Starts the next attempt. Jobs named in <paramref name="kept"/> are replayed as they ended.</summary>
    public Run NextAttempt(long runId, IReadOnlyDictionary<string, Job> kept, DateTimeOffset at)
    {
        var entry = _runs[runId];
        entry.Run = entry.Run with { Attempt = entry.Run.Attempt + 1, StartedAt = at, Conclusion = null };
        entry.Unfolded.Clear();
        entry.Kept = kept;
        Unfold(entry, at);
        Refresh(entry, at);
        return entry.Run;
    }

    /// <summary>Adds a job that its run's workflow does not name.</summary>
    public Job AddJob(Job job, DateTimeOffset at) => Store(_runs[job.RunId], job with { Id = ids.NextJob() }, at);

    /// <summary>Replaces a job. When it has ended, the jobs that needed it follow.</summary>
    public Job Update(Job job, DateTimeOffset at)
    {
        var entry = _runs[job.RunId];
        var stored = Store(entry, job, at);
        if (stored.Status == JobStatus.Completed) Unfold(entry, at);
        Refresh(entry, at);
        return stored;
    }

    /// <summary>Replaces a run, for the states that its jobs do not explain: zombies and ghosts.</summary>
    public void Replace(Run run)
    {
        _runs[run.Id].Run = run;
        Changes++;
    }

    private Job Store(Entry entry, Job job, DateTimeOffset at)
    {
        var old = _jobs.GetValueOrDefault(job.Id);
        job = job with { Epoch = (old?.Epoch ?? 0) + 1 };
        if (job.AwaitsRunner) job = job with { ReadyAt = at + delay() };
        if (old is null) entry.Jobs.Add(job.Id);
        if (old is { AwaitsRunner: true }) _waiting.Remove((old.QueuedAt!.Value, old.Id));
        if (job.AwaitsRunner) _waiting.Add((job.QueuedAt!.Value, job.Id));
        _jobs[job.Id] = job;
        tally.JobChanged(old, job);
        deliveries.Note(old, job, at);
        sets.Note(old, job, at);
        Schedule(job, at);
        Changes++;
        return job;
    }

    private void Schedule(Job job, DateTimeOffset at)
    {
        void Add(DateTimeOffset due, ScheduledAction action) =>
            events.Add(due, new ScheduledEvent(action, job.Id, job.Epoch));
        if (job.CancelRequestedAt is { } cancelled && job.Status == JobStatus.InProgress)
        {
            Add(cancelled + settings.CancelDeadline, ScheduledAction.EndCancelled);
        }
        else if (job.Hosted && job.Status == JobStatus.Queued)
        {
            Add(at + settings.HostedStartDelay, ScheduledAction.StartHosted);
        }
        else if (job.Hosted && job.Status == JobStatus.InProgress)
        {
            Add(at + job.Duration, ScheduledAction.EndHosted);
        }
        else if (job.AwaitsRunner)
        {
            Add(job.ReadyAt, ScheduledAction.MatchJob);
            Add(job.QueuedAt!.Value + settings.QueueDeadline, ScheduledAction.ExpireJob);
            if (job.SetAssignedAt is { } given)
                Add(given + settings.ScaleSets.AssignedDeadline, ScheduledAction.LapseSetAssignment);
        }
        else if (job is { Status: JobStatus.Queued, AssignedAt: { } assigned })
        {
            Add(assigned + settings.PickUpDeadline, ScheduledAction.RequeueJob);
        }
    }

    private void Unfold(Entry entry, DateTimeOffset at)
    {
        bool again;
        do
        {
            again = false;
            foreach (var spec in entry.Spec.Jobs)
            {
                if (entry.Unfolded.Contains(spec.Name) || !NeedsAreOver(entry, spec, out var succeeded)) continue;
                entry.Unfolded.Add(spec.Name);
                foreach (var name in spec.JobNames) Store(entry, NewJob(entry, spec, name, succeeded, at), at);
                again = true;
            }
        }
        while (again);
    }

    private bool NeedsAreOver(Entry entry, JobSpec spec, out bool succeeded)
    {
        var needed = CurrentJobsOf(entry.Run).Where(job => spec.Needs.Contains(job.Key)).ToList();
        succeeded = needed.TrueForAll(job => job.Conclusion == JobConclusion.Success);
        return spec.Needs.All(entry.Unfolded.Contains)
            && needed.TrueForAll(job => job.Status == JobStatus.Completed);
    }

    private Job NewJob(Entry entry, JobSpec spec, string name, bool succeeded, DateTimeOffset at)
    {
        if (entry.Kept.TryGetValue(name, out var kept))
        {
            return kept with
            {
                Id = ids.NextJob(),
                Attempt = entry.Run.Attempt,
                CreatedAt = at,
                QueuedAt = null,
                ScaleSetId = null,
                SetAssignedAt = null,
            };
        }

        var skipped = !succeeded || spec.InitialStatus == JobStatus.Completed;
        var status = skipped ? JobStatus.Completed : spec.InitialStatus;
        return new Job(ids.NextJob(), entry.Run.Id, entry.Run.RepositoryId, entry.Run.Attempt, name)
        {
            Key = spec.Name,
            Labels = spec.RunsOn,
            Group = spec.Group,
            Duration = spec.Duration,
            EndsAs = spec.EndsAs,
            KillsRunner = spec.KillsRunner,
            Builds = spec.Builds,
            Hosted = spec.Group is null && spec.RunsOn.All(settings.HostedLabels.Contains),
            Status = status,
            Conclusion = skipped ? JobConclusion.Skipped : null,
            CreatedAt = at,
            QueuedAt = status == JobStatus.Queued ? at : null,
            CompletedAt = skipped ? at : null,
        };
    }

    private void Refresh(Entry entry, DateTimeOffset at)
    {
        var jobs = CurrentJobsOf(entry.Run).ToList();
        if (entry.Run.Stuck || jobs.Count == 0) return;
        var status = jobs.Min(job => job.Status);
        entry.Run = entry.Run with
        {
            Status = status,
            Conclusion = status == JobStatus.Completed ? Conclude(jobs) : null,
            UpdatedAt = at,
        };
    }

    private static JobConclusion Conclude(List<Job> jobs)
    {
        bool Any(JobConclusion conclusion) => jobs.Exists(job => job.Conclusion == conclusion);
        if (Any(JobConclusion.Failure) || Any(JobConclusion.TimedOut)) return JobConclusion.Failure;
        if (Any(JobConclusion.Cancelled)) return JobConclusion.Cancelled;
        return Any(JobConclusion.Success) ? JobConclusion.Success : JobConclusion.Skipped;
    }

    private sealed class Entry(WorkflowSpec spec, Run run)
    {
        public WorkflowSpec Spec { get; } = spec;

        public Run Run { get; set; } = run;

        public List<long> Jobs { get; } = [];

        public HashSet<string> Unfolded { get; } = [];

        public IReadOnlyDictionary<string, Job> Kept { get; set; } = new Dictionary<string, Job>();
    }
}
