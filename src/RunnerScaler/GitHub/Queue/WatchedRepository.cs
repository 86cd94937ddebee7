using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>A repository that is read, and what is remembered of it between two readings.</summary>
internal sealed class WatchedRepository(RepositoryKey key, bool ofOrganization)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRefusal = TimeSpan.FromMinutes(5);

    private DateTimeOffset? readAt;
    private DateTimeOffset notBefore;
    private double spread = 1;
    private int failures;

    public RepositoryKey Key => key;

    /// <summary>Whether its runners are registered at the organisation.</summary>
    public bool OfOrganization { get; set; } = ofOrganization;

    public DateTimeOffset? PushedAt { get; set; }

    /// <summary>When a live run was seen last.</summary>
    public DateTimeOffset? LiveAt { get; set; }

    /// <summary>When the runs that are not queued were listed last.</summary>
    public DateTimeOffset? NetAt { get; set; }

    public Dictionary<long, TrackedRun> Runs { get; } = [];

    /// <summary>Requests that a reading takes, of late.</summary>
    public double Cost { get; private set; } = 1;

    /// <summary>Why the latest reading failed; null if it did not.</summary>
    public Fault? Fault { get; private set; }

    public bool HasLiveRuns => Runs.Values.Any(r => r.IsLive);

    public Tier TierAt(GitHubOptions options, DateTimeOffset now)
    {
        if (HasLiveRuns)
            return Tier.Hot;
        var active = LiveAt > PushedAt || PushedAt is null ? LiveAt : PushedAt;
        if (active is not { } at)
            return Tier.Cold;
        return now - at <= options.HotFor ? Tier.Hot : now - at <= options.WarmFor ? Tier.Warm : Tier.Cold;
    }

    /// <summary>When it is to be read again.</summary>
    public DateTimeOffset DueAt(TimeSpan period)
    {
        var due = readAt is { } at ? at + (period * spread) : DateTimeOffset.MinValue;
        return due > notBefore ? due : notBefore;
    }

    /// <summary>When it may be read if somebody waits for news of it.</summary>
    public DateTimeOffset UrgentAt(TimeSpan least)
    {
        var due = readAt is { } at ? at + least : DateTimeOffset.MinValue;
        return due > notBefore ? due : notBefore;
    }

    /// <param name="at">When the reading began.</param>
    /// <param name="requests">Requests that it took.</param>
    /// <param name="jitter">From 0 to 1: keeps repositories from being read in step.</param>
    public void Succeeded(DateTimeOffset at, int requests, double jitter)
    {
        (readAt, notBefore, failures, Fault) = (at, default, 0, null);
        Cost = (0.7 * Cost) + (0.3 * Math.Max(1, requests));
        spread = 0.9 + (0.2 * jitter);
    }

    /// <summary>Puts the next try off: twice as long each time, longer if a person has to act.</summary>
    public void Failed(DateTimeOffset at, Fault fault)
    {
        (readAt, Fault) = (at, fault);
        var longest = fault.Passes ? LongestPause : LongestRefusal;
        var pause = FirstPause * Math.Pow(2, Math.Min(failures++, 10));
        notBefore = at + (pause < longest ? pause : longest);
    }

    /// <summary>The account must pause: no failure of this repository's own.</summary>
    public void Postpone(DateTimeOffset until, Fault? fault) => (notBefore, Fault) = (until, fault);
}
