namespace RunnerScaler.Simulation.Kernel;

/// <summary>
/// One process of the simulated world, as the context that its code runs in. Paused, it does nothing until it is
/// resumed, and then goes on where it was; killed, it never does anything again.
/// </summary>
internal sealed class SimProcess : SynchronizationContext
{
    private readonly SimScheduler scheduler;
    private readonly List<(SendOrPostCallback Callback, object? State)> held = [];
    private readonly List<Action> deaths = [];

    /// <param name="scheduler">Where it runs.</param>
    /// <param name="name">For the trace.</param>
    /// <param name="id">For the trace's hash.</param>
    /// <param name="skew">How far its wall clock is ahead of the world's.</param>
    public SimProcess(SimScheduler scheduler, string name, int id, TimeSpan skew)
    {
        this.scheduler = scheduler;
        Name = name;
        Id = id;
        Clock = new SimClock(scheduler, this, skew);
    }

    public string Name { get; }

    public int Id { get; }

    public TimeProvider Clock { get; }

    public bool IsPaused { get; private set; }

    public bool IsDead { get; private set; }

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        foreach (var (callback, state) in held)
            scheduler.Enqueue(this, callback, state);
        held.Clear();
    }

    public void Kill()
    {
        IsDead = true;
        held.Clear();
        foreach (var tell in deaths.ToArray())
            tell();
        deaths.Clear();
    }

    /// <summary>Tells of its death; the returned value ends the interest.</summary>
    public IDisposable OnDeath(Action tell)
    {
        deaths.Add(tell);
        return new Interest(() => deaths.Remove(tell));
    }

    /// <summary>Starts something in this process; if it fails, the run fails.</summary>
    public void Start(string what, Func<Task> work) => Post(_ => Watch(what, work()), null);

    public override void Post(SendOrPostCallback d, object? state) => scheduler.Enqueue(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("The simulation has one thread; nobody may block on it.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Whether a step of this process is not to be taken now.</summary>
    public bool Holds(SendOrPostCallback callback, object? state)
    {
        if (IsPaused && !IsDead)
            held.Add((callback, state));
        return IsPaused || IsDead;
    }

    private void Watch(string what, Task task) => task.ContinueWith(
        done =>
        {
            if (done.Exception is { } failed)
                scheduler.Fail("no crash", $"{Name}, {what}: {failed.InnerException}");
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private sealed class Interest(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
