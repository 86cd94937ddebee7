namespace RunnerScaler.Sandbox.GitHub;

/// <summary>A set with its jobs and the messages about them. Not thread-safe: its owner locks.</summary>
internal sealed class ScaleSetQueue(ScaleSet set, ScaleSetSettings settings)
{
    private const long FirstMessage = 100_000_000;
    private const int MostPending = 20_000;

    private readonly Queue<ScaleSetEntry> _pending = new();
    private readonly List<ScaleSetMessage> _kept = [];
    private readonly SortedDictionary<long, Job> _jobs = [];
    private readonly HashSet<long> _offered = [];
    private readonly HashSet<long> _requests = [];
    private long _lastMessage = FirstMessage;
    private (int, int, int) _told;
    private ScaleSetStatistics _toldLast;
    private ScaleSetMessage? _again;

    public ScaleSet Set { get; set; } = set;

    public ScaleSetSession? Session { get; private set; }

    /// <summary>What had changed when jobs were last looked for: a held poll looks often.</summary>
    public long FilledAt { get; set; }

    /// <summary>Jobs of the set that are not over, oldest first.</summary>
    public IReadOnlyList<Job> Jobs => [.. _jobs.Values];

    /// <summary>Whether a job may be assigned to it now, without its asking.</summary>
    public bool HasRoom => !Offers && _jobs.Count < (Session?.Capacity?.Jobs ?? 0);

    private bool Offers => settings.Ghes || Session?.Capacity is { Jobs: null };

    /// <summary>Gives the queue to a session. Jobs offered before are offered anew.</summary>
    public void Begin(ScaleSetSession session)
    {
        Session = session;
        _offered.Clear();
        _again = null;
        FilledAt = -1;
    }

    public void End() => Session = null;

    /// <summary>Offers a job that fits, once, if jobs are offered to it.</summary>
    public void Offer(Job job)
    {
        if (!Offers || !_offered.Add(job.Id)) return;
        _requests.Add(job.Id);
        Add(new ScaleSetEntry(ScaleSetEvent.JobAvailable, job, job.ReadyAt));
    }

    public bool IsOffered(long jobId) => _offered.Contains(jobId);

    /// <summary>The job is not to be had any more.</summary>
    public void Withdraw(long jobId) => _offered.Remove(jobId);

    /// <summary>A job of this set changed, or became or ceased to be one.</summary>
    public void Note(Job old, Job job, DateTimeOffset at)
    {
        if (job.ScaleSetId != Set.Id)
        {
            if (_jobs.Remove(job.Id))
                Add(new ScaleSetEntry(ScaleSetEvent.JobCompleted, old, at) { Result = JobConclusion.Cancelled });
            _requests.Remove(job.Id);
            return;
        }

        _jobs[job.Id] = job;
        if (old.ScaleSetId != Set.Id) Add(new ScaleSetEntry(ScaleSetEvent.JobAssigned, job, at));
        if (job.Status == old.Status) return;
        if (job.Status == JobStatus.InProgress) Add(new ScaleSetEntry(ScaleSetEvent.JobStarted, job, at));
        if (job.Status != JobStatus.Completed) return;
        Add(new ScaleSetEntry(ScaleSetEvent.JobCompleted, job, at) { Result = job.Conclusion });
        _jobs.Remove(job.Id);
        _requests.Remove(job.Id);
    }

    /// <summary>
    /// The oldest message after the one with this id that was not acknowledged, or a new one about what has happened
    /// since; null when there is nothing to tell.
    /// </summary>
    public ScaleSetMessage? Next(long lastId, ScaleSetStatistics statistics)
    {
        if (_again is { } again)
        {
            _again = null;
            return again;
        }

        if ((_kept.Find(kept => kept.Id > lastId) ?? Compose(statistics)) is not { } message) return null;
        (ToldBefore, _toldLast) = (_toldLast, statistics);
        return message with { Statistics = statistics };
    }

    /// <summary>A message that is delivered twice is delivered by the next poll too, whatever was said of it.</summary>
    public void Repeat(ScaleSetMessage message) => _again = message;

    /// <summary>The statistics of the message before the last.</summary>
    public ScaleSetStatistics ToldBefore { get; private set; }

    /// <summary>Forgets a message; one that is forgotten already may be named again.</summary>
    public void Acknowledge(long messageId) => _kept.RemoveAll(kept => kept.Id == messageId);

    /// <param name="runners">Those of the set.</param>
    public ScaleSetStatistics Count(IReadOnlyCollection<Runner> runners)
    {
        var running = _jobs.Values.Count(job => job.Status == JobStatus.InProgress);
        var acquired = _jobs.Values.Count(job => job.AwaitsRunner && _requests.Contains(job.Id));
        return new ScaleSetStatistics(
            _offered.Count,
            acquired,
            _jobs.Count,
            running,
            runners.Count,
            runners.Count(runner => runner.Busy),
            runners.Count(runner => runner.Online && !runner.Busy));
    }

    private ScaleSetMessage? Compose(ScaleSetStatistics statistics)
    {
        var now = (statistics.AvailableJobs, statistics.AssignedJobs, statistics.RunningJobs);
        if (_pending.Count == 0 && now == _told) return null;
        var entries = new List<ScaleSetEntry>();
        while (entries.Count < settings.LargestMessage && _pending.TryDequeue(out var entry)) entries.Add(entry);
        _told = now;
        var message = new ScaleSetMessage(++_lastMessage, entries, statistics);
        _kept.Add(message);
        return message;
    }

    private void Add(ScaleSetEntry entry)
    {
        _pending.Enqueue(entry with { IsRequest = _requests.Contains(entry.Job.Id) });
        if (_pending.Count > MostPending) _pending.Dequeue();
    }
}
