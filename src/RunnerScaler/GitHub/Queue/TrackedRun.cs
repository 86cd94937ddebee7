using System.Collections.Immutable;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// A run whose jobs matter, and when to look at them again. Looking costs a request, and a list of jobs changes with
/// every step of every job, so that asking conditionally helps little there.
/// </summary>
internal sealed class TrackedRun(long id)
{
    private static readonly TimeSpan QueuedLongest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RunningShortest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RunningLongest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EmptyShortest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EmptyLongest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Other = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How soon the jobs of a run that is in progress are looked at again when it has moved: as long as it is, its jobs
    /// begin and end, and none of them waits for a runner. Not at once all the same, because that is not certain.
    /// </summary>
    private static readonly TimeSpan InProgressShortest = TimeSpan.FromSeconds(10);

    private readonly HashSet<long> reported = [];
    private (int? Attempt, DateTimeOffset? UpdatedAt, string? Status)? signature;
    private bool fromFork;
    private DateTimeOffset readAt;
    private DateTimeOffset changedAt;
    private int emptyReads;

    public long Id => id;

    public ImmutableArray<Job> Jobs { get; private set; } = [];

    /// <summary>It is over, or gone: once reported, it is forgotten.</summary>
    public bool Ended { get; private set; }

    /// <summary>Jobs of it wait for a runner or have one.</summary>
    public bool IsLive => !Ended && Jobs.Any(j => j.State is JobState.Queued or JobState.Running);

    public bool HasUnfinished => !Ended && Jobs.Any(j => j.State != JobState.Completed);

    /// <summary>It was looked at since it left the lists of live runs, and had not ended.</summary>
    public bool LeftLists { get; private set; }

    /// <summary>The status that it was last seen with; null if GitHub gave none.</summary>
    public string? Status { get; set; }

    /// <summary>Entries of a page of its jobs, as it can be had.</summary>
    public int PageSize { get; set; } = ListBounds.LargestPage;

    /// <summary>Why its jobs could not be read, and when that is tried again.</summary>
    public Setback Setback { get; } = new();

    /// <summary>Whether to look at the jobs now.</summary>
    /// <param name="run">The run as the list has it; null if it is in none.</param>
    /// <param name="now">The present.</param>
    public bool IsDue(RunData? run, DateTimeOffset now)
    {
        if (now < Setback.NotBefore)
            return false;
        if (Setback.Problem is not null || signature is null)
            return true;
        if (run is not null && (Ended || LeftLists || signature != SignatureOf(run)))
            return !OnlyProgresses(run) || now >= readAt + InProgressShortest;
        return now >= readAt + Period(now);
    }

    /// <summary>Notes the jobs as they were read.</summary>
    /// <param name="run">The run as the list has it; null if it is in none.</param>
    /// <param name="read">The jobs.</param>
    /// <param name="all">These are all; else those known before that are not among them stay.</param>
    /// <param name="unseenAt">When the run was last looked for and not there; null if it never was.</param>
    /// <param name="now">The present.</param>
    public void Read(
        RunData? run, ImmutableArray<Job> read, bool all, DateTimeOffset? unseenAt, DateTimeOffset now)
    {
        var before = Jobs.ToDictionary(j => j.Id);
        var moved = run is not null && signature != SignatureOf(run);
        var changed = signature?.UpdatedAt != run?.UpdatedAt ? run?.UpdatedAt : null;
        var look = new QueueTime(signature is null ? unseenAt : readAt, changed, now);
        if (run is not null)
            (signature, Ended, Status, fromFork) = (SignatureOf(run), false, run.Status, JobStates.IsFromFork(run));
        LeftLists = run is null;
        var jobs = read.Select(j => j with
        {
            QueuedAt = look.Of(j, before.GetValueOrDefault(j.Id)),
            FromFork = fromFork,
        }).ToImmutableArray();
        if (!all)
            jobs = [.. jobs, .. Rest(read)];
        if (moved || !jobs.SequenceEqual(Jobs))
            changedAt = now;
        emptyReads = jobs.Length > 0 || moved ? 0 : emptyReads + 1;
        Jobs = jobs;
        readAt = now;
    }

    /// <summary>The run is over: what still claims to be queued or running is a ghost.</summary>
    public void End()
    {
        Jobs = [.. Jobs.Where(j => j.State == JobState.Completed)];
        Ended = true;
    }

    /// <summary>The jobs to report: the unfinished ones always, each completed one once.</summary>
    public IEnumerable<Job> Report() => Jobs.Where(j => j.State != JobState.Completed || reported.Add(j.Id));

    /// <summary>The jobs known before, of the same attempt, that are not among these.</summary>
    private IEnumerable<Job> Rest(ImmutableArray<Job> read)
    {
        var ids = read.Select(j => j.Id).ToHashSet();
        var attempt = read.Select(j => j.RunAttempt).DefaultIfEmpty().Max();
        return Jobs.Where(j => !ids.Contains(j.Id) && j.RunAttempt >= attempt);
    }

    /// <summary>
    /// Jobs that wait or run are looked at more often the more recently something changed. A run without jobs is one
    /// that GitHub is about to fill, or that it has forgotten
    /// (<see href="https://github.com/actions/runner/issues/3872">such runs stay for weeks</see>).
    /// </summary>
    private TimeSpan Period(DateTimeOffset now)
    {
        if (Jobs.Length == 0)
            return Clamp(EmptyShortest * Math.Pow(2, Math.Min(emptyReads, 16)), EmptyShortest, EmptyLongest);
        var sinceChange = (now - changedAt) / 4;
        if (Jobs.Any(j => j.State == JobState.Queued))
            return Clamp(sinceChange, TimeSpan.Zero, QueuedLongest);
        return Jobs.Any(j => j.State == JobState.Running)
            ? Clamp(sinceChange, RunningShortest, RunningLongest)
            : Other;
    }

    private bool OnlyProgresses(RunData run) =>
        !Ended && !LeftLists && run.Status == JobStates.InProgress && signature?.Status == run.Status
        && signature?.Attempt == run.RunAttempt && Jobs.All(j => j.State != JobState.Queued);

    private static (int?, DateTimeOffset?, string?) SignatureOf(RunData run) =>
        (run.RunAttempt, run.UpdatedAt, run.Status);

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) =>
        value < least ? least : value > most ? most : value;
}
