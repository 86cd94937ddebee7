namespace RunnerScaler.GitHub;

/// <summary>
/// How GitHub is read and written. The defaults keep below GitHub's
/// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api">limits</see> for one account
/// with hundreds of repositories; a GitHub Enterprise Server without limits may be given more.
/// </summary>
internal sealed class GitHubOptions
{
    public const string Section = "GitHub";

    /// <summary>Requests in an hour that GitHub allows whoever has a credential, at least.</summary>
    public const int LeastHourlyLimit = 5000;

    /// <summary>
    /// Points that may be spent in any 60 seconds: a read is 1 point, a write 5. GitHub's secondary limit is 900; the
    /// rest is for those who share the credential. 10 to 100000.
    /// </summary>
    public int MinuteLimit { get; set; } = 870;

    /// <summary>
    /// What <see cref="MinuteLimit"/> is a limit of. GitHub's page may be read both ways; <c>Total</c> is safe.
    /// </summary>
    public LimitScope LimitScope { get; set; } = LimitScope.Total;

    /// <summary>
    /// Whether registrations also keep to the 80 in a minute and 500 in an hour of
    /// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits">requests
    /// that create content</see>. Nobody has seen GitHub count them so.
    /// </summary>
    public bool LimitContent { get; set; }

    /// <summary>
    /// The part of <see cref="MinuteLimit"/> that reads leave for registrations, where both share it. 0 to less than
    /// the limit.
    /// </summary>
    public int WriteReservePoints { get; set; } = 50;

    /// <summary>Requests of an account that are under way at the same time; GitHub allows 100. 1 to 100.</summary>
    public int MaxConcurrentRequests { get; set; } = 20;

    /// <summary>
    /// The part of the hourly limit that reading may use up; the rest is left to whoever shares the credential. More
    /// than 0, up to 1; of GitHub's 5000 requests an hour it must be more than <see cref="JitReserve"/>. Answers of
    /// "not modified" cost nothing and go on.
    /// </summary>
    public double ReadShare { get; set; } = 0.8;

    /// <summary>
    /// Requests of the hourly limit that reading never touches, so that runners can still be registered. At most a
    /// tenth of the limit counts. 0 to 10000.
    /// </summary>
    public int JitReserve { get; set; } = 300;

    /// <summary>How often a repository with live runs, or a recent push, is read. 1 s to 10 min.</summary>
    public TimeSpan HotPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a repository that had a run today is read, if the budget is tight. 1 s to 1 h.</summary>
    public TimeSpan WarmPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often any other repository is read, if the budget is tight. 1 s to 1 h.</summary>
    public TimeSpan ColdPeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The shortest period of a warm repository, when there is budget to spare.</summary>
    public TimeSpan WarmMinimum { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The shortest period of a cold repository, when there is budget to spare.</summary>
    public TimeSpan ColdMinimum { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// The part of <see cref="MinuteLimit"/> that reading the queue plans with, together with what was registered in
    /// the last minute; a third of it is read with in any case. More than 0, up to 1.
    /// </summary>
    public double PollShare { get; set; } = 0.75;

    /// <summary>How long a repository stays hot after its last live run or push. 1 min to 1 day.</summary>
    public TimeSpan HotFor { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a repository stays warm after its last live run or push. 1 min to 30 days.</summary>
    public TimeSpan WarmFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How often the runs of each status but <c>queued</c> are listed in a repository where none is known: a safety net
    /// for old runs, because the newest are seen at each reading, whatever their status. 5 s to 1 h.
    /// </summary>
    public TimeSpan SafetyNetPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the list of repositories is read. 10 s to 1 h.</summary>
    public TimeSpan DiscoveryPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often the log of what an App's webhook was told is read, where the App has one: it says which repositories
    /// to look at. 1 s to 1 min; 0 for never.
    /// </summary>
    public TimeSpan DeliveriesPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Repositories of an account that are read at the same time. 1 to 32.</summary>
    public int ReadParallelism { get; set; } = 4;

    /// <summary>
    /// Repositories that one call reads at most, so that hot ones need not wait for many. 1 to 1000.
    /// </summary>
    public int RepositoriesPerPass { get; set; } = 32;

    /// <summary>Runners of an account that are registered or removed at the same time. 1 to 64.</summary>
    public int RegisterParallelism { get; set; } = 8;

    /// <summary>How long one request may take, its body included. 1 s to 100 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a registration may take. 1 s to 100 s.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a failed read is tried again at once; writes never are. 0 to 5.</summary>
    public int ReadRetries { get; set; } = 2;

    /// <summary>Answers of an account that are kept for conditional requests. 16 to 1000000.</summary>
    public int CacheEntries { get; set; } = 4096;

    /// <summary>Bytes of bodies of an account that are kept for conditional requests. 1 MiB to 1 GiB.</summary>
    public long CacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How often the Secret is looked at for a new version. 1 s to 10 min.</summary>
    public TimeSpan SecretPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What of an hourly limit is kept for registrations.</summary>
    public int RegistrationReserve(int limit) => Math.Min(JitReserve, limit / 10);
}

/// <summary>What GitHub's limit of points in a minute is taken to be a limit of.</summary>
internal enum LimitScope
{
    /// <summary>Of all requests of a credential.</summary>
    Total,

    /// <summary>Of those of one endpoint: lists of runs, jobs of runs, registrations, removals, and all else.</summary>
    Endpoint,
}
