using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// GitHub in a box: accounts, repositories, workflow runs, jobs and self-hosted runners, and the assignment of jobs to
/// runners. It has no threads or timers: whatever time demands is applied by <see cref="Advance"/>, which every other
/// member calls first. The same clock, seed and calls give the same history. Members may be called from any thread.
/// </summary>
/// <remarks>
/// A scope is <c>login</c> (an organisation) or <c>owner/name</c> (a repository). What GitHub would refuse is a
/// <see cref="GitHubRefusal"/> with the status code of its REST interface.
/// </remarks>
internal sealed partial class Organization
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly EventQueue _queue = new();
    private readonly Tally _tally = new();
    private readonly Catalog _catalog;
    private readonly DeliveryLog _deliveries;
    private readonly ScaleSetBook _sets;
    private readonly RunBook _book;
    private readonly RunnerRoster _roster;
    private readonly Dispatcher _dispatcher;
    private long _changes;

    public Organization(TimeProvider clock, Random random, OrganizationSettings? settings = null)
    {
        settings ??= new OrganizationSettings();
        var ids = new Ids(random);
        var spread = settings.AssignmentDelayMax - settings.AssignmentDelayMin;
        TimeSpan Delay() => settings.AssignmentDelayMin + (spread * random.NextDouble());
        _clock = clock;
        _catalog = new Catalog(ids);
        _deliveries = new DeliveryLog();
        _sets = new ScaleSetBook(ids, settings.ScaleSets);
        _book = new RunBook(ids, _queue, _tally, _deliveries, _sets, Delay, settings);
        _roster = new RunnerRoster(ids, _queue, _tally, Delay, settings);
        _dispatcher = new Dispatcher(_catalog, _book, _roster, _sets, _tally, random);
        Credentials = new CredentialBook(clock, _gate, _catalog, ids);
        ScaleSetSettings = settings.ScaleSets;
        RunnerTokens = new RunnerTokens(clock, _gate, ids, settings.ScaleSets);
    }

    /// <summary>Apps, installations and tokens.</summary>
    public CredentialBook Credentials { get; }

    /// <summary>Tokens to register runners with, and those of scale sets' administrators.</summary>
    public RunnerTokens RunnerTokens { get; }

    /// <summary>How runner scale sets behave.</summary>
    public ScaleSetSettings ScaleSetSettings { get; }

    /// <summary>When <see cref="Advance"/> next has something to do; null when time alone changes nothing.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate) return _queue.TryPeek(_dispatcher.Holds, out var at, out _) ? at : null;
        }
    }

    /// <summary>Grows with every change, so that an observer can tell whether to look again.</summary>
    public long Changes
    {
        get
        {
            lock (_gate)
            {
                Applied();
                return _changes + _book.Changes + _roster.Changes;
            }
        }
    }

    /// <summary>Applies everything that time demands up to now, in order of its time.</summary>
    public void Advance()
    {
        lock (_gate) Applied();
    }

    /// <summary>What has happened so far.</summary>
    public Statistics Statistics()
    {
        lock (_gate)
        {
            Applied();
            return _tally.Snapshot();
        }
    }

    private DateTimeOffset Applied()
    {
        var now = _clock.GetUtcNow();
        while (_queue.TryTake(now, _dispatcher.Holds, out var at, out var planned))
            _dispatcher.Do(planned, at);
        return now;
    }
}
