namespace RunnerScaler.Sandbox.GitHub;

/// <summary>What an App's webhook is told: a job has come to another status.</summary>
/// <param name="Id">Grows with each; the same for all sendings of one.</param>
/// <param name="Action">What happened, as the payload has it.</param>
/// <param name="Job">The job as it was then.</param>
/// <param name="At">When.</param>
internal sealed record Delivery(long Id, string Action, Job Job, DateTimeOffset At)
{
    /// <summary>The header <c>X-GitHub-Delivery</c>.</summary>
    public Guid Guid => new(0, 0, 0, BitConverter.GetBytes(Id));
}

/// <summary>The latest deliveries, oldest first. Not thread-safe: its owner locks.</summary>
internal sealed class DeliveryLog
{
    private const int Most = 20_000;

    private readonly Queue<Delivery> all = new();
    private long lastId = 23_800_000_000;

    public IEnumerable<Delivery> After(long id) => all.SkipWhile(d => d.Id <= id);

    /// <summary>A job changed; that it was created skipped is not told.</summary>
    public void Note(Job? before, Job job, DateTimeOffset at)
    {
        if (before?.Status == job.Status || (before is null && job.Status == JobStatus.Completed) || job.Ghost)
            return;
        var action = job.Status is JobStatus.Pending or JobStatus.Requested ? "queued" : job.Status.ToWire();
        all.Enqueue(new Delivery(++lastId, action, job, at));
        if (all.Count > Most)
            all.Dequeue();
    }
}
