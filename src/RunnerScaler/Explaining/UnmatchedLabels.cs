using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Explaining;

/// <summary>What jobs of a repository asked for while no pool had it, as it is remembered for a day.</summary>
internal sealed record UnmatchedLabels
{
    /// <summary>Of more jobs, those that were seen last are remembered.</summary>
    public const int MostJobs = 100;

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    /// <summary>More labels, and longer ones, than any advice looks at.</summary>
    private const int MostLabels = 20;

    private const int LongestLabel = 1025;

    public required RepositoryKey Repository { get; init; }

    public required LabelSet Labels { get; init; }

    /// <summary>The jobs by their ids, and when each was last seen to be queued: the latest first.</summary>
    public required ImmutableArray<(long Id, DateTimeOffset SeenAt)> Jobs { get; init; }

    /// <summary>Whether it was told of when it began.</summary>
    public bool IsTold { get; init; }

    public DateTimeOffset SeenAt => Jobs[0].SeenAt;

    /// <summary>Whether there may have been more jobs than are remembered.</summary>
    public bool IsFull => Jobs.Length == MostJobs;

    /// <summary>A job like them: in one repository, jobs that ask for the same are alike.</summary>
    public Job Example => new()
    {
        Id = Jobs[0].Id,
        RunId = 0,
        Repository = Repository,
        Labels = Labels,
        State = JobState.Queued,
        QueuedAt = SeenAt,
    };

    /// <summary>What a pool's pass shows, in a form of bounded size.</summary>
    /// <param name="pool">The pool that comes nearest to the jobs.</param>
    /// <param name="jobs">Queued jobs that no pool serves.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<UnmatchedLabels> Of(Pool pool, IEnumerable<Job> jobs, DateTimeOffset now) => jobs
        .Where(job => !LabelMatch.Matches(pool, job))
        .GroupBy(job => (job.Repository, job.Labels))
        .Select(same => new UnmatchedLabels
        {
            Repository = same.Key.Repository,
            Labels = Bounded(pool, same.Key.Labels),
            Jobs = [.. same.Select(job => (job.Id, now)).Take(MostJobs)],
        });

    /// <summary>Both together, without the jobs of more than a day ago.</summary>
    public UnmatchedLabels After(UnmatchedLabels before) => this with
    {
        IsTold = before.IsTold,
        Jobs =
        [
            .. Jobs.Concat(before.Jobs.Where(j => SeenAt - j.SeenAt < KeptFor)).DistinctBy(j => j.Id).Take(MostJobs),
        ],
    };

    /// <summary>As of this time; null if it is too long ago to be told of.</summary>
    public UnmatchedLabels? AsOf(DateTimeOffset now) =>
        now - SeenAt < KeptFor ? this with { Jobs = Jobs.RemoveAll(j => now - j.SeenAt >= KeptFor) } : null;

    // What the pool lacks comes first, so that what is left of the set is still none that it has.
    private static LabelSet Bounded(Pool pool, LabelSet labels) => LabelSet.Of(
        labels.OrderBy(pool.Labels.Contains).Take(MostLabels).Select(l => l.Length > LongestLabel
            ? l[..LongestLabel]
            : l));
}
