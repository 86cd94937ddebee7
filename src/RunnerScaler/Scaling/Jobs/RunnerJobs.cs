using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// Jobs by the name of the runner that has or had them. Anybody's runner can have any name, so there may be several of
/// one name; what was read last comes first. Immutable.
/// </summary>
internal sealed class RunnerJobs
{
    public static readonly RunnerJobs None = new(
        ImmutableDictionary.Create<string, ImmutableArray<Entry>>(StringComparer.Ordinal));

    private readonly ImmutableDictionary<string, ImmutableArray<Entry>> byName;

    private RunnerJobs(ImmutableDictionary<string, ImmutableArray<Entry>> byName) => this.byName = byName;

    /// <summary>The same with what one reading tells in place of what the one before it told.</summary>
    /// <param name="before">Null if nothing was known of the repository through the account.</param>
    /// <param name="after">Null if nothing is any more.</param>
    public RunnerJobs With(RepositoryReading? before, RepositoryReading? after)
    {
        var next = byName.ToBuilder();
        foreach (var (name, _) in ByName(before))
        {
            var others = next[name].RemoveAll(e => e.IsOf(before!));
            if (others.IsEmpty)
                next.Remove(name);
            else
                next[name] = others;
        }
        foreach (var (name, jobs) in ByName(after))
        {
            var others = next.GetValueOrDefault(name, []);
            var newer = others.Count(e => e.Reading.ReadAt > after!.ReadAt);
            next[name] = others.Insert(newer, new(after!, jobs));
        }
        return new(next.ToImmutable());
    }

    /// <summary>The job of the runner that is registered there under this name; null if none is known.</summary>
    public Job? At(RegistrationTarget target, string runnerName)
    {
        foreach (var entry in byName.GetValueOrDefault(runnerName, []))
            if (entry.IsAt(target))
                return entry.Jobs[^1];
        return null;
    }

    /// <summary>When the job was first read in the state that it is in; null if it has no runner, or is not
    /// known.</summary>
    public DateTimeOffset? SinceOf(Job job)
    {
        foreach (var entry in job.RunnerName is { } runner ? byName.GetValueOrDefault(runner, []) : [])
            if (entry.Jobs.Any(j => j.Id == job.Id))
                return entry.Reading.Since[job.Id];
        return null;
    }

    private static IEnumerable<KeyValuePair<string, ImmutableArray<Job>>> ByName(RepositoryReading? reading) =>
        (reading?.Jobs ?? [])
            .Where(j => !string.IsNullOrEmpty(j.RunnerName))
            .GroupBy(j => j.RunnerName!, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, g.ToImmutableArray()));

    /// <param name="Reading">What tells of them.</param>
    /// <param name="Jobs">Its jobs on runners of that name: at least one.</param>
    private sealed record Entry(RepositoryReading Reading, ImmutableArray<Job> Jobs)
    {
        public bool IsOf(RepositoryReading reading) =>
            Reading.Repository == reading.Repository && Reading.Account == reading.Account;

        // A runner of the repository, or of its owner: the job does not tell which.
        public bool IsAt(RegistrationTarget target) =>
            (target.IsEnterprise || Reading.Repository.Owner == target.Owner)
            && (target.Repository is null || Reading.Repository.Name == target.Repository)
            && Reading.Account == target.Account;
    }
}
