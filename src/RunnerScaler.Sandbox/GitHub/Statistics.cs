namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// What has happened so far. Jobs are those that asked for a self-hosted runner: neither GitHub-hosted, skipped nor
/// replayed ones.
/// </summary>
/// <param name="Queued">Jobs that entered the queue.</param>
/// <param name="Started">Jobs that a runner picked up.</param>
/// <param name="Completed">Jobs that ended, by conclusion.</param>
/// <param name="Waits">Time from queued to started, one for each started job, in order of starting.</param>
/// <param name="QueuedNow">Jobs that now wait for a runner or for being picked up.</param>
/// <param name="RunningNow">Jobs in progress now.</param>
/// <param name="Requeued">Assignments that nobody picked up.</param>
/// <param name="LostContact">Jobs that failed because their runner vanished.</param>
/// <param name="Registered">Registrations ever made.</param>
/// <param name="RegisteredNow">Registrations that exist now.</param>
/// <param name="RegisteredPeak">Most registrations at one time.</param>
/// <param name="Reaped">Registrations removed because they stayed offline.</param>
/// <param name="DroppedIdle">Registrations dropped while idle and online.</param>
internal sealed record Statistics(
    int Queued,
    int Started,
    IReadOnlyDictionary<JobConclusion, int> Completed,
    IReadOnlyList<TimeSpan> Waits,
    int QueuedNow,
    int RunningNow,
    int Requeued,
    int LostContact,
    int Registered,
    int RegisteredNow,
    int RegisteredPeak,
    int Reaped,
    int DroppedIdle)
{
    public int CompletedTotal => Completed.Values.Sum();
}

/// <summary>Counts as the state changes. Not thread-safe: its owner locks.</summary>
internal sealed class Tally
{
    private readonly Dictionary<JobConclusion, int> _completed = [];
    private readonly List<TimeSpan> _waits = [];
    private int _queued, _queuedNow, _runningNow;
    private int _registered, _registeredNow, _registeredPeak;

    public int Requeued { get; set; }

    public int LostContact { get; set; }

    public int Reaped { get; set; }

    public int DroppedIdle { get; set; }

    public void JobChanged(Job? old, Job job)
    {
        if (job.Hosted || job.Ghost || job.QueuedAt is not { } queuedAt) return;
        if (old?.QueuedAt is null) _queued++;
        _queuedNow += Step(old, job, JobStatus.Queued);
        _runningNow += Step(old, job, JobStatus.InProgress);
        if (Step(old, job, JobStatus.InProgress) > 0) _waits.Add(job.StartedAt!.Value - queuedAt);
        if (Step(old, job, JobStatus.Completed) > 0)
            _completed[job.Conclusion!.Value] = _completed.GetValueOrDefault(job.Conclusion.Value) + 1;
    }

    public void RunnerAdded()
    {
        _registered++;
        _registeredPeak = Math.Max(_registeredPeak, ++_registeredNow);
    }

    public void RunnerRemoved() => _registeredNow--;

    public Statistics Snapshot() => new(
        _queued,
        _waits.Count,
        new SortedDictionary<JobConclusion, int>(_completed),
        [.. _waits],
        _queuedNow,
        _runningNow,
        Requeued,
        LostContact,
        _registered,
        _registeredNow,
        _registeredPeak,
        Reaped,
        DroppedIdle);

    private static int Step(Job? old, Job job, JobStatus status) =>
        (job.Status == status ? 1 : 0) - (old?.Status == status ? 1 : 0);
}
