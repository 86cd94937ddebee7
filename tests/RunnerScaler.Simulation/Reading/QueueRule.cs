using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using Job = RunnerScaler.Sandbox.GitHub.Job;

namespace RunnerScaler.Simulation.Reading;

/// <summary>Compares what is told of the queue with the queue.</summary>
internal sealed class QueueRule(Organization github, StepTime time, string server)
{
    /// <summary>
    /// Old runs of some statuses are only listed once a minute, and quiet repositories are asked for one of two lists
    /// in turn; what has been queued for longer than that is in every whole reading.
    /// </summary>
    private static readonly TimeSpan Seen = TimeSpan.FromSeconds(90);

    private const int ReadingsToSee = 3;

    private readonly Dictionary<RepositoryKey, List<DateTimeOffset>> whole = [];
    private readonly HashSet<RepositoryKey> known = [];

    private JobBoard board = JobBoard.Empty;
    private DateTimeOffset begun;

    /// <summary>A reading begins.</summary>
    public void Begin() => begun = time.GetUtcNow();

    /// <returns>What is wrong with what was observed; null if nothing is.</returns>
    public string? Observe(JobObservation seen)
    {
        var before = Shown();
        board = board.Apply(seen);
        var after = Shown();
        return seen switch
        {
            JobObservation.RepositoryUnread or JobObservation.AccountUnread when !before.IsSubsetOf(after) =>
                $"{seen.GetType().Name} made jobs be forgotten",
            JobObservation.AccountRead read => Dropped(read),
            JobObservation.RepositoryRead { Unread: not null } read =>
                before.Except(after).Any(id => github.FindJob(id) is { Status: JobStatus.Queued })
                    ? $"a part of {read.Repository} is unread, and its jobs are forgotten"
                    : null,
            JobObservation.RepositoryRead read => Missing(read, after),
            _ => null,
        };
    }

    /// <summary>A list that was not read to its end takes nothing away.</summary>
    private string? Dropped(JobObservation.AccountRead read)
    {
        var dropped = known.Except(read.Repositories).ToArray();
        known.UnionWith(read.Repositories);
        return dropped.Length == 0 ? null : $"repositories are dropped that are there: {string.Join(' ', dropped)}";
    }

    /// <returns>How the board differs from the queue; null if it does not.</returns>
    public string? Difference()
    {
        var (shown, queued) = (Shown(), Queued().Select(j => j.Id).ToHashSet());
        return shown.SetEquals(queued)
            ? null
            : $"not shown: {string.Join(' ', queued.Except(shown))}; no longer queued: "
                + string.Join(' ', shown.Except(queued));
    }

    /// <returns>Which repository has not been read whole since then; null if all were.</returns>
    public string? Unread(DateTimeOffset since) => github.RepositoriesOf("acme")
        .Select(r => RepositoryKey.Of(server, "acme", r.Name))
        .FirstOrDefault(r => !(whole.GetValueOrDefault(r)?[^1] >= since)) is { Name: not null } unread
            ? $"{unread} is not read"
            : null;

    private string? Missing(JobObservation.RepositoryRead read, HashSet<long> shown)
    {
        if (!whole.TryGetValue(read.Repository, out var readings))
            whole[read.Repository] = readings = [];
        readings.Add(begun);
        if (readings.Count <= ReadingsToSee)
            return null;
        var since = readings[^(ReadingsToSee + 1)];
        var missing = Queued().FirstOrDefault(j =>
            j.QueuedAt < since && j.QueuedAt < begun - Seen
            && RepositoryOf(j) == read.Repository && !shown.Contains(j.Id));
        return missing is null
            ? null
            : $"a reading of {read.Repository} leaves out job {missing.Id}, queued at "
                + $"{missing.QueuedAt:HH:mm:ss}, as of {begun:HH:mm:ss}";
    }

    private HashSet<long> Shown() =>
        [.. board.Readings.SelectMany(r => r.Jobs).Where(j => j.State == JobState.Queued).Select(j => j.Id)];

    private IEnumerable<Job> Queued() => github.RepositoriesOf("acme")
        .SelectMany(r => github.RunsOf(r.FullName, run => run.Status != JobStatus.Completed))
        .SelectMany(r => github.JobsOf(r.Id))
        .Where(j => j.Status == JobStatus.Queued);

    private RepositoryKey RepositoryOf(Job job) =>
        RepositoryKey.Of(server, "acme", github.FindRepository(job.RepositoryId)!.Name);
}
