using RunnerScaler.Scaling.Jobs;


namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Since when a job has waited for a runner, which GitHub does not say: it may have been created days before, and have
/// waited for an approval or a concurrency group since. What was seen of it before tells it best, then the time of the
/// run's last change.
/// </summary>
/// <param name="seenAt">When its run was last looked at, or looked for and not there; null if it never was.</param>
/// <param name="changedAt">When the run last changed, if that was since; null if it did not.</param>
/// <param name="now">The present.</param>
internal readonly struct QueueTime(DateTimeOffset? seenAt, DateTimeOffset? changedAt, DateTimeOffset now)
{
    /// <summary>By how much clocks may differ, and lists lag behind.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long after its creation another change of the run is no sign that the job waited for something else.
    /// </summary>
    private static readonly TimeSpan Ordinary = TimeSpan.FromMinutes(10);

    /// <param name="job">The job as it was read now.</param>
    /// <param name="before">The same, as it was known before; null if it was not.</param>
    public DateTimeOffset Of(Job job, Job? before)
    {
        if (before is not null && (before.State != JobState.Blocked || job.State == JobState.Blocked))
            return before.QueuedAt;
        if (job.State == JobState.Blocked)
            return job.QueuedAt;
        var at = before is not null ? changedAt ?? now : FirstSeen(job.QueuedAt);
        if (job.StartedAt < at)
            at = job.StartedAt.Value;
        return at < now ? at : now;
    }

    /// <summary>Whoever was not queued when one looked was queued after that.</summary>
    private DateTimeOffset FirstSeen(DateTimeOffset created)
    {
        if (seenAt is { } looked)
            return created > looked - Margin ? created : changedAt > looked - Margin ? changedAt.Value : now;
        return changedAt is { } changed && changed - created > Ordinary ? changed : created;
    }
}
