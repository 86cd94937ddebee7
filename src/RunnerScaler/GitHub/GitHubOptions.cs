using RunnerScaler.Control.Work;

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
    /// rest is for those who share the credential.
    /// </summary>
    [OptionRange("10", "100000")]
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
    /// The part of <see cref="MinuteLimit"/> that reads leave for registrations, where both share it. Less than the
    /// limit.
    /// </summary>
    [OptionRange("0", "99999")]
    public int WriteReservePoints { get; set; } = 50;

    /// <summary>Requests of an account that are under way at the same time; GitHub allows 100.</summary>
    [OptionRange("1", "100")]
    public int MaxConcurrentRequests { get; set; } = 20;

    /// <summary>
    /// The part of the hourly limit that reading may use up; the rest is left to whoever shares the credential. Of
    /// GitHub's 5000 requests an hour it must be more than <see cref="JitReserve"/>. Answers of "not modified" cost
    /// nothing and go on.
    /// </summary>
    [OptionRange("0.01", "1")]
    public double ReadShare { get; set; } = 0.8;

    /// <summary>
    /// Requests of the hourly limit that reading never touches, so that runners can still be registered. At most a
    /// tenth of the limit counts.
    /// </summary>
    [OptionRange("0", "10000")]
    public int JitReserve { get; set; } = 300;

    /// <summary>How often a repository with live runs, or a recent push, is read.</summary>
    [OptionRange("1s", "10m")]
    public TimeSpan HotPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a repository that had a run today is read, if the budget is tight.</summary>
    [OptionRange("1s", "1h")]
    public TimeSpan WarmPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often any other repository is read, if the budget is tight.</summary>
    [OptionRange("1s", "1h")]
    public TimeSpan ColdPeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The shortest period of a warm repository, when there is budget to spare.</summary>
    [OptionRange("1s", "1h")]
    public TimeSpan WarmMinimum { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The shortest period of a cold repository, when there is budget to spare.</summary>
    [OptionRange("1s", "1h")]
    public TimeSpan ColdMinimum { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// The part of <see cref="MinuteLimit"/> that reading the queue plans with, together with what was registered in
    /// the last minute; a third of it is read with in any case.
    /// </summary>
    [OptionRange("0.01", "1")]
    public double PollShare { get; set; } = 0.75;

    /// <summary>How long a repository stays hot after its last live run or push.</summary>
    [OptionRange("1m", "1d")]
    public TimeSpan HotFor { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a repository stays warm after its last live run or push.</summary>
    [OptionRange("1m", "30d")]
    public TimeSpan WarmFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How often the runs of each status but <c>queued</c> are listed in a repository where none is known: a safety net
    /// for old runs, because the newest are seen at each reading, whatever their status.
    /// </summary>
    [OptionRange("5s", "1h")]
    public TimeSpan SafetyNetPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the list of repositories is read.</summary>
    [OptionRange("10s", "1h")]
    public TimeSpan DiscoveryPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often the log of what an App's webhook was told is read, where the App has one: it says which repositories
    /// to look at; 0 for never.
    /// </summary>
    [OptionRange("1s", "1m", OrNever = true)]
    public TimeSpan DeliveriesPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Repositories of an account that are read at the same time.</summary>
    [OptionRange("1", "32")]
    public int ReadParallelism { get; set; } = 4;

    /// <summary>
    /// Repositories that one call reads at most, so that hot ones need not wait for many.
    /// </summary>
    [OptionRange("1", "1000")]
    public int RepositoriesPerPass { get; set; } = 32;

    /// <summary>Runners of an account that are registered or removed at the same time.</summary>
    [OptionRange("1", "64")]
    public int RegisterParallelism { get; set; } = 8;

    /// <summary>How long one request may take, its body included.</summary>
    [OptionRange("1s", "1m40s")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a registration may take.</summary>
    [OptionRange("1s", "1m40s")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a failed read is tried again at once; writes never are.</summary>
    [OptionRange("0", "5")]
    public int ReadRetries { get; set; } = 2;

    /// <summary>Answers of an account that are kept for conditional requests.</summary>
    [OptionRange("16", "1000000")]
    public int CacheEntries { get; set; } = 4096;

    /// <summary>Bytes of bodies of an account that are kept for conditional requests.</summary>
    [OptionRange("1048576", "1073741824")]
    public long CacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How often the Secret is looked at for a new version.</summary>
    [OptionRange("1s", "10m")]
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
