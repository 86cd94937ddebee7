using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// The jobs that GitHub has assigned to one scale set: a fold over its messages. Which jobs these are is told once;
/// how many there are, each time. So the totals decide: what they have and nobody told of is an <em>untold</em> job,
/// and what they lack is dropped. Immutable.
/// </summary>
internal sealed record AssignedJobs
{
    /// <summary>
    /// Stands for the repository of a job that is not told: what serves an organisation serves it all the same.
    /// </summary>
    public const string Untold = "-";

    /// <summary>No pool has more slots; whoever says more is not believed.</summary>
    private const int Most = 10_000;

    /// <summary>For how long a job that has ended is remembered, for the sake of its times.</summary>
    private static readonly TimeSpan EndedFor = TimeSpan.FromMinutes(10);

    private readonly long firstUntold;

    private AssignedJobs(Scope scope, int number)
    {
        Scope = scope;
        firstUntold = long.MinValue + (number * 1_000_000_000L);
    }

    public Scope Scope { get; }

    /// <summary>Jobs that could be acquired, the oldest first.</summary>
    public ImmutableArray<long> Acquirable { get; private init; } = [];

    /// <summary>How many jobs could be assigned to the set besides.</summary>
    public int Available { get; private init; }

    /// <summary>How many jobs are the set's and wait for a runner.</summary>
    public int Queued => Count(Told, JobState.Queued) + UntoldSince.Length;

    /// <summary>How many jobs are the set's and have not ended.</summary>
    public int Live => Math.Max(Total, Known);

    /// <summary>Whether more jobs run than are known: runners were given them before anybody listened.</summary>
    public bool HasUntoldRunning { get; private init; }

    /// <summary>By what names them at the set.</summary>
    private ImmutableDictionary<string, ToldJob> Told { get; init; } = ImmutableDictionary<string, ToldJob>.Empty;

    /// <summary>The last message that was taken in.</summary>
    private long Last { get; init; } = -1;

    private int Known => Count(Told, JobState.Queued) + Count(Told, JobState.Running) + UntoldSince.Length;

    private ImmutableArray<(long Id, DateTimeOffset At)> UntoldSince { get; init; } = [];

    private long NextUntold { get; init; }

    private long NextOrder { get; init; }

    private int Total { get; init; }

    /// <param name="scope">What the set serves.</param>
    /// <param name="number">Unique among the sets of a pool: 0 to 1000000.</param>
    public static AssignedJobs At(Scope scope, int number) => new(scope, number);

    /// <summary>Where the jobs are that are not told.</summary>
    public static RepositoryKey HomeOf(Scope scope) => new(scope.Server, scope.Owner, scope.Repository ?? Untold);

    /// <summary>All jobs, by repository; the one of the jobs that are not told is always there.</summary>
    public ImmutableDictionary<RepositoryKey, ImmutableArray<Job>> ByRepository()
    {
        var home = HomeOf(Scope);
        var untold = UntoldSince.Select(u => new Job
        {
            Id = u.Id,
            RunId = 0,
            Repository = home,
            Name = "(not told)",
            Labels = LabelSet.Empty,
            State = JobState.Queued,
            QueuedAt = u.At,
        });

        // A job that was assigned again is there twice: as it is, and as it ended before.
        var all = Told.Values.OrderBy(t => t.Order).Select(t => t.Job).Concat(untold)
            .OrderBy(j => j.State == JobState.Completed)
            .DistinctBy(j => j.Id)
            .GroupBy(j => j.Repository)
            .ToImmutableDictionary(g => g.Key, g => g.ToImmutableArray());
        return all.ContainsKey(home) ? all : all.Add(home, []);
    }

    /// <summary>A session has begun, with these totals.</summary>
    public AssignedJobs Begin(ScaleSetStatistics statistics, DateTimeOffset now) =>
        (this with { Acquirable = [], Last = -1 }).Settle(statistics, [], now);

    /// <summary>Takes in a message. One that comes again changes nothing.</summary>
    public AssignedJobs Take(ScaleSetMessage message, DateTimeOffset now)
    {
        if (message.Id <= Last)
            return this;
        var told = Told.ToBuilder();
        var acquirable = Acquirable.ToList();
        foreach (var said in message.Events)
        {
            var known = told.GetValueOrDefault(said.Key);
            if (said.Kind == ScaleSetEventKind.Available)
            {
                if (said.RequestId > 0 && known is null && acquirable.Count < Most
                    && !acquirable.Contains(said.RequestId))
                    acquirable.Add(said.RequestId);
                continue;
            }
            acquirable.Remove(said.RequestId);
            if (Next(said, known?.Job, now) is { } job && (known is not null || told.Count < Most))
                told[said.Key] = new(job, known?.Order ?? NextOrder + told.Count);
        }
        var after = this with
        {
            Told = told.ToImmutable(),
            Acquirable = [.. acquirable],
            Last = message.Id,
            NextOrder = NextOrder + Most,
        };
        return message.Statistics is { } statistics
            ? after.Settle(statistics, [.. message.Events.Select(e => e.Key)], now)
            : after with { Total = after.Known };
    }

    /// <summary>What was acquired, or cannot be any more, is not offered again.</summary>
    public AssignedJobs Acquired(ImmutableArray<long> asked) =>
        this with { Acquirable = Acquirable.RemoveRange(asked.Where(Acquirable.Contains)) };

    /// <summary>
    /// Makes the jobs as many as the totals say. What was told just now is believed whatever they say: they may lag
    /// behind.
    /// </summary>
    private AssignedJobs Settle(ScaleSetStatistics statistics, ImmutableHashSet<string> fresh, DateTimeOffset now)
    {
        var total = Math.Clamp(statistics.Assigned, 0, Most);
        var told = Told.RemoveRange(Told
            .Where(t => t.Value.Job.State == JobState.Completed && now - t.Value.Job.CompletedAt >= EndedFor)
            .Select(t => t.Key));
        told = Trim(told, JobState.Running, Math.Min(statistics.Running, total), fresh);
        var running = Math.Max(Count(told, JobState.Running), Math.Min(statistics.Running, total));
        told = Trim(told, JobState.Queued, Math.Max(0, total - running), fresh);
        var missing = Math.Max(0, total - running - Count(told, JobState.Queued));
        var known = UntoldSince.Length;
        return this with
        {
            Told = told,
            Total = total,
            Available = Math.Clamp(statistics.Available, 0, Most),
            HasUntoldRunning = running > Count(told, JobState.Running),
            UntoldSince =
            [
                .. UntoldSince.Skip(known - missing),
                .. Enumerable.Range(0, Math.Max(0, missing - known)).Select(i => (firstUntold + NextUntold + i, now)),
            ],
            NextUntold = NextUntold + Math.Max(0, missing - known),
        };
    }

    /// <summary>Those that are too many have ended unseen, most likely the oldest.</summary>
    private static ImmutableDictionary<string, ToldJob> Trim(
        ImmutableDictionary<string, ToldJob> told, JobState state, int most, ImmutableHashSet<string> fresh)
    {
        var tooMany = Count(told, state) - most;
        return tooMany <= 0 ? told : told.RemoveRange(told
            .Where(t => t.Value.Job.State == state && !fresh.Contains(t.Key))
            .OrderBy(t => t.Value.Order)
            .Take(tooMany)
            .Select(t => t.Key));
    }

    /// <summary>
    /// The job after an event; null if that says nothing new. A life goes one way only, but a job that was taken back
    /// may be assigned once more.
    /// </summary>
    private Job? Next(ScaleSetEvent said, Job? known, DateTimeOffset now)
    {
        if (said.Kind == ScaleSetEventKind.Assigned)
            return known is null or { State: JobState.Completed } ? First(said, now) : null;
        var isOver = said.Kind == ScaleSetEventKind.Completed;
        if (known is { State: JobState.Completed } || (known is { State: JobState.Running } && !isOver))
            return null;
        var job = known ?? First(said, now);
        var runner = string.IsNullOrEmpty(said.RunnerName) ? job.RunnerName : said.RunnerName;
        var started = runner is null
            ? (DateTimeOffset?)null
            : job.StartedAt ?? Within(job.QueuedAt, said.StartedAt, now);
        return job with
        {
            State = isOver ? JobState.Completed : JobState.Running,
            RunnerName = runner,
            StartedAt = started,
            CompletedAt = isOver ? Within(started ?? job.QueuedAt, said.EndedAt, now) : null,
            Conclusion = isOver ? said.Result : null,
        };
    }

    private Job First(ScaleSetEvent said, DateTimeOffset now)
    {
        var repository = RepositoryKey.Of(Scope.Server, said.Owner, said.Repository);
        return new()
        {
            Id = said.JobId,
            RunId = said.RunId,
            Repository = Scope.IsName(said.Owner) && Scope.Covers(repository) ? repository : HomeOf(Scope),
            Name = said.Name,
            Labels = said.Labels,
            State = JobState.Queued,
            QueuedAt = Within(now - Demand.LongestQueue, said.QueuedAt, now),
        };
    }

    private static DateTimeOffset Within(DateTimeOffset from, DateTimeOffset? said, DateTimeOffset now) =>
        said > from && said <= now ? said.Value : now;

    private static int Count(ImmutableDictionary<string, ToldJob> told, JobState state) =>
        told.Values.Count(t => t.Job.State == state);

    /// <param name="Job">The job.</param>
    /// <param name="Order">Less than that of those that were told of later.</param>
    private sealed record ToldJob(Job Job, long Order);
}
