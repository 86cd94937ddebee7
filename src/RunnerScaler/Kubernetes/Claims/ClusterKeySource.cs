using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>
/// Keeps the cluster's keys, and reads them anew from time to time: keys are rotated, and a cluster that drops one
/// means it. Nobody waits for a reading as long as there are keys.
/// </summary>
internal sealed partial class ClusterKeySource(ApiServer api, TimeProvider time, ILogger<ClusterKeySource> log)
{
    /// <summary>After this they are read again.</summary>
    internal static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);

    /// <summary>How long a key that the cluster has dropped may verify, if the keys cannot be read again.</summary>
    internal static readonly TimeSpan LastFor = TimeSpan.FromMinutes(10);

    /// <summary>Between two readings, whatever comes.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly OpenQuestions<Reading> readings = new(1);
    private volatile Reading state = new(null, 0, null);

    /// <summary>The keys to verify with now; null if there are none.</summary>
    public async Task<ClusterKeys?> FindAsync(CancellationToken cancel)
    {
        var known = state;
        if (Usable(known) is not { } keys)
            return IsDue(known, Pause) ? Usable(await ReadAsync().WaitAsync(cancel)) : null;
        if (IsDue(known, time.GetElapsedTime(known.ReadAt) < GoodFor ? GoodFor : Pause))
            _ = ReadAsync();
        return keys;
    }

    /// <summary>Keys that are younger than those, which do not know a token.</summary>
    /// <returns>Null if they were read a moment ago, or cannot be read now.</returns>
    public async Task<ClusterKeys?> NewerAsync(ClusterKeys than, CancellationToken cancel)
    {
        var known = state;
        if (known.Keys == than && IsDue(known, Pause))
            known = await ReadAsync().WaitAsync(cancel);
        return Usable(known) is { } keys && keys != than ? keys : null;
    }

    private ClusterKeys? Usable(Reading known) =>
        known.Keys is not null && time.GetElapsedTime(known.ReadAt) < LastFor ? known.Keys : null;

    private bool IsDue(Reading known, TimeSpan after) =>
        known.TriedAt is not { } tried || time.GetElapsedTime(tried) >= after;

    private Task<Reading> ReadAsync() => readings.Ask("", ReadOnceAsync)!;

    private async Task<Reading> ReadOnceAsync()
    {
        var configuration = await api.GetAsync(ResourcePaths.IssuerConfiguration, CancellationToken.None);
        var published = configuration.Ok
            ? await api.GetAsync(ResourcePaths.IssuerKeys, CancellationToken.None, ApiServer.KeySet)
            : configuration;
        var keys = published.Ok ? ClusterKeys.Read(configuration.Root, published.Root) : null;
        var (before, now) = (state, time.GetTimestamp());
        if (keys is null && (before.TriedAt is null || before.IsRead))
            LogNoKeys(published.Code);
        else if (keys is not null && !before.IsRead)
            LogKeys();
        return state = keys is null
            ? before with { TriedAt = now, IsRead = false }
            : new Reading(keys, now, now) { IsRead = true };
    }

    // The server's own message is not logged: the log of refusals has it.
    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of the cluster's service-account tokens cannot be "
        + "read, or none is of a kind that is verified here (the last answer: HTTP {Code}, 0: none); each claim costs "
        + "a TokenReview meanwhile")]
    private partial void LogNoKeys(int code);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The tokens of pods are verified with the cluster's published keys")]
    private partial void LogKeys();

    /// <param name="Keys">The last that were read; null for none.</param>
    /// <param name="ReadAt">When that was.</param>
    /// <param name="TriedAt">When reading them was tried last; null for never.</param>
    private sealed record Reading(ClusterKeys? Keys, long ReadAt, long? TriedAt)
    {
        /// <summary>Whether the last try succeeded.</summary>
        public bool IsRead { get; init; }
    }
}
