namespace RunnerScaler.Simulation.World;

/// <summary>How often requests of one kind go wrong, and how.</summary>
/// <param name="Refused">The share that is refused before it has any effect.</param>
/// <param name="ReplyLost">The share that has its effect, and whose answer is lost.</param>
/// <param name="Stuck">
/// The share that hangs for 1 to 8 seconds, rarely for more, before it has its effect, whatever its sender does.
/// </param>
/// <param name="Latency">The longest ordinary way there and back.</param>
/// <param name="Timeout">How long the sender waits for an answer.</param>
internal sealed record LinkFaults(double Refused, double ReplyLost, double Stuck, TimeSpan Latency, TimeSpan Timeout)
{
    public LinkFaults Calm() => this with { Refused = 0, ReplyLost = 0, Stuck = 0 };
}

/// <summary>
/// What goes wrong in a run, how often. Drawn from the seed, so that some runs have much of one thing only.
/// </summary>
internal sealed record FaultProfile
{
    public required LinkFaults Kubernetes { get; init; }

    public required LinkFaults GitHub { get; init; }

    public required LinkFaults Lease { get; init; }

    public required LinkFaults Endpoint { get; init; }

    /// <summary>The share of readings of a repository that fail, or that show it as it was some time ago.</summary>
    public double UnreadRepository { get; init; }

    public double StaleRepository { get; init; }

    /// <summary>The share of rounds of reading in which the account cannot be read at all.</summary>
    public double UnreadAccount { get; init; }

    /// <summary>The most that a watch lags behind.</summary>
    public TimeSpan WatchLag { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>The mean time between two breaks of a watch.</summary>
    public TimeSpan WatchLife { get; init; } = TimeSpan.FromHours(10);

    /// <summary>The mean time between two mishaps of a kind; null for never.</summary>
    public TimeSpan? BetweenCrashes { get; init; }

    public TimeSpan? BetweenPauses { get; init; }

    public TimeSpan? BetweenNodeLosses { get; init; }

    public TimeSpan? BetweenEvictions { get; init; }

    public TimeSpan? BetweenCompactions { get; init; }

    /// <summary>
    /// Between two times in which GitHub refuses to register runners: a permission was taken away, and given back.
    /// </summary>
    public TimeSpan? BetweenRefusals { get; init; }

    /// <summary>Between two deletions of an idle registration by somebody else.</summary>
    public TimeSpan? BetweenMeddlings { get; init; }

    /// <summary>The share of pods that crash before they claim, or while they have a job.</summary>
    public double PodCrash { get; init; }

    /// <summary>The share of pods that stay pending, or pull an image, for minutes.</summary>
    public double SlowPod { get; init; }

    /// <summary>The share of pods that their node does not take.</summary>
    public double PodRejected { get; init; }

    /// <summary>The longest time from what happens on a node to its being told.</summary>
    public TimeSpan KubeletLag { get; init; }

    /// <summary>How far the clocks of nodes are ahead.</summary>
    public TimeSpan NodesAhead { get; init; }

    /// <summary>Between two times in which the API server refuses something.</summary>
    public TimeSpan? BetweenObstacles { get; init; }

    /// <summary>Between two times in which GitHub takes requests and does not answer.</summary>
    public TimeSpan? BetweenSilences { get; init; }

    /// <summary>Between two times in which GitHub's limit is used up.</summary>
    public TimeSpan? BetweenLimits { get; init; }

    /// <summary>Between two times in which the default runner group is closed to all.</summary>
    public TimeSpan? BetweenClosings { get; init; }

    /// <summary>Between two deletions of a pool, or of its namespace.</summary>
    public TimeSpan? BetweenPoolDeletions { get; init; }

    /// <summary>Between two writings of somebody else on a pod.</summary>
    public TimeSpan? BetweenForgeries { get; init; }

    /// <summary>The share of jobs that kill the program that runs them.</summary>
    public double KillingJob { get; init; }

    /// <summary>The share of jobs that write their pod's last words.</summary>
    public double TalkingJob { get; init; }

    /// <summary>The share of jobs that wait for something before they are queued.</summary>
    public double HeldJob { get; init; } = 0.06;

    public TimeSpan Skew { get; init; }

    public FaultProfile Calm() => this with
    {
        Kubernetes = Kubernetes.Calm(),
        GitHub = GitHub.Calm(),
        Lease = Lease.Calm(),
        Endpoint = Endpoint.Calm(),
        UnreadRepository = 0,
        StaleRepository = 0,
        UnreadAccount = 0,
        WatchLag = TimeSpan.FromSeconds(0.3),
        WatchLife = TimeSpan.FromHours(10),
        BetweenCrashes = null,
        BetweenPauses = null,
        BetweenNodeLosses = null,
        BetweenEvictions = null,
        BetweenCompactions = null,
        BetweenRefusals = null,
        BetweenMeddlings = null,
        BetweenObstacles = null,
        BetweenSilences = null,
        BetweenLimits = null,
        BetweenClosings = null,
        BetweenPoolDeletions = null,
        BetweenForgeries = null,
        KillingJob = 0,
        TalkingJob = 0,
        PodCrash = 0,
        PodRejected = 0,
        SlowPod = 0,
    };

    /// <summary>No faults: only latency.</summary>
    public static readonly FaultProfile Fine = new()
    {
        Kubernetes = new(0, 0, 0, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(5)),
        GitHub = new(0, 0, 0, TimeSpan.FromSeconds(0.6), TimeSpan.FromSeconds(10)),
        Lease = new(0, 0, 0, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(5)),
        Endpoint = new(0, 0, 0, TimeSpan.FromSeconds(0.05), TimeSpan.FromSeconds(60)),
    };

    /// <summary>
    /// Each kind of fault is absent, rare, or frequent, independently of the others; at times it storms.
    /// </summary>
    public static FaultProfile Drawn(Random random) => random.Next(8) == 0 ? Storm(Mixed(random)) : Mixed(random);

    /// <summary>Leaders come and go all the time, and hang while they write.</summary>
    private static FaultProfile Storm(FaultProfile weather) => weather with
    {
        Kubernetes = weather.Kubernetes with { Stuck = 0.25 },
        Endpoint = weather.Endpoint with { ReplyLost = 0.25 },
        BetweenCrashes = TimeSpan.FromMinutes(2),
        BetweenPauses = TimeSpan.FromSeconds(40),
    };

    private static FaultProfile Mixed(Random random) => Fine with
    {
        Kubernetes = Drawn(random, Fine.Kubernetes),
        GitHub = Drawn(random, Fine.GitHub),
        Lease = Drawn(random, Fine.Lease),
        Endpoint = Drawn(random, Fine.Endpoint) with { Timeout = Fine.Endpoint.Timeout },
        UnreadRepository = Share(random),
        StaleRepository = Share(random),
        UnreadAccount = Share(random),
        WatchLag = TimeSpan.FromSeconds(random.Next(2) == 0 ? 0.3 : 3),
        WatchLife = random.Next(2) == 0 ? TimeSpan.FromHours(10) : TimeSpan.FromMinutes(1 + random.Next(5)),
        BetweenCrashes = Between(random, 8),
        BetweenPauses = Between(random, 4),
        BetweenNodeLosses = Between(random, 10),
        BetweenEvictions = Between(random, 4),
        BetweenCompactions = Between(random, 3),
        BetweenRefusals = Between(random, 6),
        BetweenMeddlings = Between(random, 3),
        PodCrash = Share(random) / 2,
        SlowPod = Share(random) / 2,
        PodRejected = Share(random),
        KubeletLag = TimeSpan.FromSeconds(random.Next(2) == 0 ? 0 : random.Next(1, 9)),
        NodesAhead = TimeSpan.FromMinutes(random.Next(2) == 0 ? 0 : random.Next(-30, 41)),
        BetweenObstacles = Between(random, 2),
        BetweenSilences = Between(random, 5),
        BetweenLimits = Between(random, 5),
        BetweenClosings = Between(random, 6),
        BetweenPoolDeletions = Between(random, 6),
        BetweenForgeries = Between(random, 4),
        KillingJob = Share(random),
        TalkingJob = Share(random),
        HeldJob = Share(random),
        Skew = TimeSpan.FromSeconds(random.Next(3) == 0 ? random.Next(-20, 21) : 0),
    };

    private static LinkFaults Drawn(Random random, LinkFaults fine) => fine with
    {
        Refused = Share(random),
        ReplyLost = Share(random),
        Stuck = Share(random),
        Timeout = random.Next(2) == 0 ? fine.Timeout : fine.Timeout * 3,
    };

    private static double Share(Random random) => random.Next(6) switch
    {
        0 or 1 or 2 => 0,
        3 => 0.01,
        4 => 0.06,
        _ => 0.25,
    };

    private static TimeSpan? Between(Random random, int minutes) =>
        random.Next(2) == 0 ? null : TimeSpan.FromMinutes(minutes * (0.3 + random.NextDouble()));
}
