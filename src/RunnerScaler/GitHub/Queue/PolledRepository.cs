using System.Collections.Concurrent;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>A repository that is read, and what is remembered of it between two readings.</summary>
internal sealed class PolledRepository(RepositoryKey key)
{
    /// <summary>How much sooner it is read after a hint, however many of them come.</summary>
    private const int SoonerAfterHint = 3;

    /// <summary>
    /// The lists of runs may lag behind what was told of them: for so long they are read as if a run were live.
    /// </summary>
    private static readonly TimeSpan HotAfterHint = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Setback> lists = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> listed = new(StringComparer.Ordinal);
    private readonly Setback setback = new();
    private double spread = 1;
    private long? newestRun;
    private long? idOfRuns;

    public RepositoryKey Key => key;

    /// <summary>As it was found last; null if it is watched no more.</summary>
    public FoundRepository? Found { get; set; }

    /// <summary>GitHub's id of it; null as long as none of its lists has told.</summary>
    public long? Id => Found?.Id ?? idOfRuns;

    /// <summary>What <see cref="TierAt"/> answered last.</summary>
    public Tier LastTier { get; private set; }

    /// <summary>When a live run was seen last.</summary>
    public DateTimeOffset? LiveAt { get; set; }

    /// <summary>When somebody last said that something happened there; null if nobody did.</summary>
    public DateTimeOffset? HintedAt { get; set; }

    public Dictionary<long, TrackedRun> Runs { get; } = [];

    /// <summary>Requests that a reading takes, of late.</summary>
    public double Cost { get; private set; } = 1;

    /// <summary>When it was last read, or tried; null if it never was.</summary>
    public DateTimeOffset? ReadAt { get; private set; }

    /// <summary>Why the latest reading failed as a whole; null if it did not.</summary>
    public Problem? Problem => setback.Problem;

    /// <summary>Why the account had to pause when it was to be read; null if it had not.</summary>
    public Problem? Paused { get; private set; }

    /// <summary>Why parts of it could not be read; null if all could.</summary>
    public Problem? Unread => Parts.Sum([
        .. Runs.Values.Select(r => r.Setback.Problem), .. lists.Values.Select(l => l.Problem), JobsUnreadable]);

    /// <summary>Jobs were listed that could not be understood; null if none were.</summary>
    public Problem? JobsUnreadable { get; set; }

    public bool HasLiveRuns => Runs.Values.Any(r => r.IsLive);

    /// <summary>How often it is to be read. Not to be asked while it is being read.</summary>
    public Tier TierAt(GitHubOptions options, DateTimeOffset now)
    {
        var pushed = Found?.PushedAt;
        var active = LiveAt > pushed || pushed is null ? LiveAt : pushed;
        var quiet = now - active;
        return LastTier = HasLiveRuns || now - HintedAt <= HotAfterHint || quiet <= options.HotFor ? Tier.Hot
            : quiet <= options.WarmFor ? Tier.Warm
            : Tier.Cold;
    }

    /// <summary>When it is to be read again.</summary>
    public DateTimeOffset DueAt(TimeSpan period)
    {
        var wait = IsHinted ? period / SoonerAfterHint : period * spread;
        var due = ReadAt is { } at ? at + wait : DateTimeOffset.MinValue;
        return due > setback.NotBefore ? due : setback.NotBefore;
    }

    /// <summary>Nothing that was read since can hold what the latest hint is about.</summary>
    private bool IsHinted => HintedAt is { } hinted && !(ReadAt >= hinted);

    /// <summary>What is remembered of one of its lists of runs.</summary>
    public Setback ListOf(string list)
    {
        lock (lists)
        {
            if (!lists.TryGetValue(list, out var known))
                lists.Add(list, known = new Setback());
            return known;
        }
    }

    /// <summary>When one of its lists of runs was last read; null if it never was.</summary>
    public DateTimeOffset? WasListed(string list) => listed.TryGetValue(list, out var at) ? at : null;

    public void NoteListed(string list, DateTimeOffset at) => listed[list] = at;

    /// <summary>
    /// Whether the newest runs reach back to those seen before: else there are others between them.
    /// </summary>
    public bool ReachesBack(IReadOnlyList<RunData> newest)
    {
        var before = newestRun;
        foreach (var run in newest)
            newestRun = newestRun is { } known && known > run.Id ? known : run.Id;
        idOfRuns = newest.Select(r => r.Repository?.Id).LastOrDefault(id => id is not null) ?? idOfRuns;
        return before is null || newest.Any(r => r.Id <= before);
    }

    /// <param name="at">When the reading began.</param>
    /// <param name="requests">Requests that it took.</param>
    /// <param name="jitter">From 0 to 1: keeps repositories from being read in step.</param>
    public void Succeeded(DateTimeOffset at, int requests, double jitter)
    {
        (ReadAt, Paused) = (at, null);
        setback.Over();
        Cost = (0.7 * Cost) + (0.3 * Math.Max(1, requests));
        spread = 0.9 + (0.2 * jitter);
    }

    public void Failed(DateTimeOffset at, Problem problem)
    {
        (ReadAt, Paused) = (at, null);
        setback.Failed(at, problem);
    }

    /// <summary>The account must pause: no failure of this repository.</summary>
    public void Pause(Problem problem, DateTimeOffset until)
    {
        Paused = problem;
        setback.Postpone(until);
    }

    /// <summary>There is another credential: it is tried at once.</summary>
    public void Renew()
    {
        Paused = null;
        setback.Over();
    }
}
