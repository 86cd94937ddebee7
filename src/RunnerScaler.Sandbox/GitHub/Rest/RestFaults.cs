namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>What can go wrong with one request.</summary>
internal enum RestFault
{
    /// <summary>502 without a body worth reading.</summary>
    ServerError,

    /// <summary>200 with an HTML page, as from a proxy.</summary>
    Html,

    /// <summary>429 with <c>retry-after</c>.</summary>
    Throttled,

    /// <summary>403: the credential may not see this.</summary>
    Forbidden,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>422: what is sent breaks a rule.</summary>
    Invalid,

    /// <summary>200 with half of a JSON body.</summary>
    BrokenJson,

    /// <summary>No answer, for as long as the caller waits.</summary>
    Hang,

    /// <summary>502 after <see cref="FaultPlan.LateAfter"/>.</summary>
    LateServerError,

    /// <summary>The request takes effect, but the connection breaks instead of answering.</summary>
    LostReply,

    /// <summary>A message session is over although its owner is there.</summary>
    SessionLost,

    /// <summary>A message queue has another address from now on.</summary>
    QueueMoved,

    /// <summary>The message is delivered again by the next poll, acknowledged or not.</summary>
    MessageTwice,

    /// <summary>The statistics of a message are those of the one before.</summary>
    StaleStatistics,
}

/// <summary>What happens to every request of a kind.</summary>
/// <param name="Part">A part of its path and query: <c>/runs/7/jobs</c>, <c>status=in_progress</c>.</param>
/// <param name="Fault">What goes wrong.</param>
internal sealed record StandingFault(string Part, RestFault Fault);

/// <summary>How often which fault happens, by chance. Shares are from 0 to 1 and drawn in the order given.</summary>
internal sealed record FaultPlan
{
    public static readonly FaultPlan None = new();

    public double ServerErrorShare { get; init; }

    public double HtmlShare { get; init; }

    public double ThrottledShare { get; init; }

    /// <summary>Of the requests that change something.</summary>
    public double LostReplyShare { get; init; }

    /// <summary>Of the polls of message queues.</summary>
    public double SessionLostShare { get; init; }

    /// <summary>Of the polls of message queues.</summary>
    public double QueueMovedShare { get; init; }

    /// <summary>Of the messages.</summary>
    public double MessageTwiceShare { get; init; }

    /// <summary>Of the messages.</summary>
    public double StaleStatisticsShare { get; init; }

    /// <summary>Whether bodies of the Actions service begin with a byte order mark.</summary>
    public bool ByteOrderMark { get; init; }

    /// <summary>What a throttled request is told to wait.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What it is told instead, as it stands: a date, or something that makes no sense.</summary>
    public string? RetryAfterText { get; init; }

    /// <summary>How long GitHub does not know a new installation token yet, and answers it with 401.</summary>
    public TimeSpan TokenReplication { get; init; }

    public TimeSpan LatencyMin { get; init; }

    public TimeSpan LatencyMax { get; init; }

    /// <summary>Repositories (<c>owner/name</c>) whose requests always fail with 502.</summary>
    public IReadOnlyList<string> FailingRepositories { get; init; } = [];

    /// <summary>Requests that always go wrong: of one run, of one page, of one list.</summary>
    public IReadOnlyList<StandingFault> Standing { get; init; } = [];

    /// <summary>How long <see cref="RestFault.LateServerError"/> takes.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Entries of a page at most, whatever is asked for: GitHub leaves entries out of full pages that the caller may
    /// not see, and only <c>Link</c> tells that there are more.
    /// </summary>
    public int LargestPage { get; init; } = 100;
}

/// <summary>Decides which requests go wrong. Members may be called from any thread.</summary>
internal sealed class RestFaults(Random random)
{
    private readonly Lock _gate = new();
    private readonly List<(string RoutePart, RestFault Fault)> _ordered = [];
    private readonly Dictionary<RestFault, int> _injected = [];
    private FaultPlan _plan = FaultPlan.None;

    /// <summary>What happens by chance from now on.</summary>
    public FaultPlan Plan
    {
        get
        {
            lock (_gate) return _plan;
        }
        set
        {
            lock (_gate) _plan = value;
        }
    }

    /// <summary>Faults that have happened.</summary>
    public IReadOnlyDictionary<RestFault, int> Injected
    {
        get
        {
            lock (_gate) return new SortedDictionary<RestFault, int>(_injected);
        }
    }

    /// <summary>Lets the next requests go wrong whose route contains this text, for example <c>jitconfig</c>.</summary>
    public void Order(RestFault fault, string routePart, int times = 1)
    {
        lock (_gate) _ordered.AddRange(Enumerable.Repeat((routePart, fault), times));
    }

    /// <param name="route">Method and pattern.</param>
    /// <param name="address">The path with its query.</param>
    /// <param name="repository"><c>owner/name</c>, when the route has one.</param>
    public RestFault? Draw(string route, string address, string? repository)
    {
        lock (_gate)
        {
            var fault = DrawOrdered(route) ?? Standing(address) ?? DrawByChance(route, repository);
            if (fault is { } drawn) _injected[drawn] = _injected.GetValueOrDefault(drawn) + 1;
            return fault;
        }
    }

    /// <summary>Whether this, one of those that only message queues know, happens now.</summary>
    public bool DrawOfQueue(RestFault fault)
    {
        lock (_gate)
        {
            var index = _ordered.FindIndex(order => order.Fault == fault);
            if (index >= 0) _ordered.RemoveAt(index);
            if (index < 0 && !Hits(ShareOfQueue(fault))) return false;
            _injected[fault] = _injected.GetValueOrDefault(fault) + 1;
            return true;
        }
    }

    public TimeSpan DrawLatency()
    {
        lock (_gate)
        {
            return _plan.LatencyMax <= TimeSpan.Zero
                ? TimeSpan.Zero
                : _plan.LatencyMin + ((_plan.LatencyMax - _plan.LatencyMin) * random.NextDouble());
        }
    }

    private RestFault? DrawOrdered(string route)
    {
        var index = _ordered.FindIndex(order => order.Fault < RestFault.SessionLost
            && route.Contains(order.RoutePart, StringComparison.OrdinalIgnoreCase));
        if (index < 0) return null;
        var fault = _ordered[index].Fault;
        _ordered.RemoveAt(index);
        return fault;
    }

    private RestFault? Standing(string address) => _plan.Standing
        .FirstOrDefault(standing => address.Contains(standing.Part, StringComparison.OrdinalIgnoreCase))?.Fault;

    private RestFault? DrawByChance(string route, string? repository)
    {
        if (repository is not null
            && _plan.FailingRepositories.Contains(repository, StringComparer.OrdinalIgnoreCase))
            return RestFault.ServerError;
        if (Hits(_plan.ServerErrorShare)) return RestFault.ServerError;
        if (Hits(_plan.HtmlShare)) return RestFault.Html;
        if (Hits(_plan.ThrottledShare)) return RestFault.Throttled;
        var changes = !route.StartsWith("GET ", StringComparison.Ordinal);
        return changes && Hits(_plan.LostReplyShare) ? RestFault.LostReply : null;
    }

    private double ShareOfQueue(RestFault fault) => fault switch
    {
        RestFault.SessionLost => _plan.SessionLostShare,
        RestFault.QueueMoved => _plan.QueueMovedShare,
        RestFault.MessageTwice => _plan.MessageTwiceShare,
        RestFault.StaleStatistics => _plan.StaleStatisticsShare,
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "No fault of message queues."),
    };

    private bool Hits(double share) => share > 0 && random.NextDouble() < share;
}
