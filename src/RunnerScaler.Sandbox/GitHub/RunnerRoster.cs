namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// All registered runners. <see cref="Update"/> is the one place where a runner changes: it keeps the queue in step.
/// Not thread-safe: its owner locks.
/// </summary>
internal sealed class RunnerRoster(
    Ids ids, EventQueue events, Tally tally, Func<TimeSpan> delay, OrganizationSettings settings)
{
    private readonly SortedDictionary<long, Runner> _runners = [];
    private readonly HashSet<(RunnerScope Scope, string Name)> _names = [];
    private readonly Dictionary<long, string> _secrets = [];
    private readonly Dictionary<long, long> _sessions = [];

    public long Changes { get; private set; }

    /// <summary>By id, the oldest registration first.</summary>
    public IEnumerable<Runner> All => _runners.Values;

    public Runner? Find(long id) => _runners.GetValueOrDefault(id);

    public IEnumerable<Runner> In(RunnerScope scope) => _runners.Values.Where(runner => runner.Scope == scope);

    /// <summary>The runner of a session that is still the current one.</summary>
    public Runner? Of(RunnerSession session) =>
        _sessions.TryGetValue(session.RunnerId, out var serial) && serial == session.Serial
            ? Find(session.RunnerId)
            : null;

    /// <summary>The runner whose configuration carries this secret, if it is still registered.</summary>
    public Runner? Of(JitConfig config) =>
        _secrets.TryGetValue(config.RunnerId, out var secret) && secret == config.Secret ? Find(config.RunnerId) : null;

    /// <summary>Registers a runner, offline; its configuration is valid as long as the registration.</summary>
    /// <exception cref="GitHubRefusal">409: the scope has a runner of this name.</exception>
    public JitRegistration Register(RunnerScope scope, JitRequest request, string groupName, DateTimeOffset at)
    {
        var name = (scope, request.Name.ToUpperInvariant());
        if (!_names.Add(name))
            throw new GitHubRefusal(409, $"Already exists - A runner with the name {request.Name} already exists.");
        var runner = new Runner(ids.NextRunner(), scope, request.Name, request.GroupId, groupName)
        {
            Labels = [.. request.Labels],
            ScaleSetId = request.ScaleSetId,
            Since = at,
        };
        var secret = ids.Hex(64);
        _secrets[runner.Id] = secret;
        tally.RunnerAdded();
        runner = Update(runner, at);
        return new JitRegistration(runner, JitConfig.Encode(runner, secret, request.WorkFolder));
    }

    /// <summary>Opens a session, unless another holds the runner or it is still running its one job.</summary>
    public RunnerSession? Connect(Runner runner, DateTimeOffset at)
    {
        if (runner.Running || (runner.Online && !runner.Vanished)) return null;
        var session = new RunnerSession(runner.Id, ids.NextSession());
        _sessions[runner.Id] = session.Serial;
        Update(
            runner with
            {
                Online = true,
                Vanished = false,
                Lapsed = false,
                Os = "linux",
                Version = "2.336.0",
                Since = at,
                ReadyAt = at + delay(),
            },
            at);
        return session;
    }

    public void EndSession(Runner runner) => _sessions.Remove(runner.Id);

    /// <summary>It asks for work again after it had let an assignment pass.</summary>
    public Runner Wake(Runner runner, DateTimeOffset at) =>
        Update(runner with { Lapsed = false, ReadyAt = at + delay() }, at);

    public Runner Update(Runner runner, DateTimeOffset at)
    {
        runner = runner with { Epoch = runner.Epoch + 1 };
        _runners[runner.Id] = runner;
        Schedule(runner, at);
        Changes++;
        return runner;
    }

    public void Remove(Runner runner)
    {
        _runners.Remove(runner.Id);
        _names.Remove((runner.Scope, runner.Name.ToUpperInvariant()));
        _secrets.Remove(runner.Id);
        _sessions.Remove(runner.Id);
        tally.RunnerRemoved();
        Changes++;
    }

    private void Schedule(Runner runner, DateTimeOffset at)
    {
        void Add(DateTimeOffset due, ScheduledAction action) =>
            events.Add(due, new ScheduledEvent(action, runner.Id, runner.Epoch));
        if (runner is { Running: true, Vanished: true })
            Add(at + settings.LostContactDeadline, ScheduledAction.LoseContact);
        if (runner.Busy) return;
        if (!runner.Online) Add(runner.Since + settings.OfflineDeadline, ScheduledAction.ReapRunner);
        if (runner.Vanished) Add(runner.Since + settings.SeenOnlineFor, ScheduledAction.NoticeOffline);
        if (!runner.Online || runner.Lapsed) return;
        Add(runner.ReadyAt, ScheduledAction.MatchRunner);
        if (settings.IdleDeadline is { } idle) Add(runner.Since + idle, ScheduledAction.DropIdleRunner);
    }
}
