using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// Jobs by the name of the runner that has or had them. Anybody's runner can have any name, so there may be several of
/// one name; what was read last comes first.
/// </summary>
internal sealed class RunnerJobs
{
    private readonly Dictionary<string, Entry> byName = new(StringComparer.Ordinal);

    public RunnerJobs(IEnumerable<RepositoryReading> readings)
    {
        foreach (var reading in readings.OrderBy(r => r.ReadAt))
            foreach (var job in reading.Jobs)
                if (!string.IsNullOrEmpty(job.RunnerName))
                    byName[job.RunnerName] = new(job, reading, byName.GetValueOrDefault(job.RunnerName));
    }

    /// <summary>The job of the runner that is registered there under this name; null if none is known.</summary>
    public Job? At(RegistrationTarget target, string runnerName) => Find(runnerName, e => e.IsAt(target))?.Job;

    /// <summary>When the job was first read in the state that it is in; null if it has no runner, or is not
    /// known.</summary>
    public DateTimeOffset? SinceOf(Job job) =>
        job.RunnerName is { } runner ? Find(runner, e => e.Job.Id == job.Id)?.Reading.Since[job.Id] : null;

    private Entry? Find(string runnerName, Func<Entry, bool> isMeant)
    {
        for (var entry = byName.GetValueOrDefault(runnerName); entry is not null; entry = entry.Before)
            if (isMeant(entry))
                return entry;
        return null;
    }

    /// <param name="Job">The job.</param>
    /// <param name="Reading">What tells of it.</param>
    /// <param name="Before">Another on a runner of that name, read before; null for none.</param>
    private sealed record Entry(Job Job, RepositoryReading Reading, Entry? Before)
    {
        // A runner of the repository, or of its owner: the job does not tell which.
        public bool IsAt(RegistrationTarget target) =>
            (target.IsEnterprise || Reading.Repository.Owner == target.Owner)
            && (target.Repository is null || Reading.Repository.Name == target.Repository)
            && Reading.Account == target.Account;
    }
}
