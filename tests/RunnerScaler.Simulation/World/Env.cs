using RunnerScaler.Simulation.Kernel;

namespace RunnerScaler.Simulation.World;

/// <summary>What every part of the simulated world shares: time, chance, weather, the trace.</summary>
internal sealed class Env
{
    private int processes;

    public Env(int seed, Trace trace)
    {
        Seed = seed;
        Random = new Random(seed);
        Scheduler = new SimScheduler(new Random(Random.Next()), trace);
        World = NewProcess("world", TimeSpan.Zero);
        Wire = new Wire(this);
        Api = new ApiTrouble(this);
    }

    public int Seed { get; }

    public Random Random { get; }

    public SimScheduler Scheduler { get; }

    /// <summary>Everything that is not the controller: servers, nodes, pods, people.</summary>
    public SimProcess World { get; }

    public Wire Wire { get; }

    public ApiTrouble Api { get; }

    public FaultCounts Faults { get; } = new();

    public FaultProfile Weather { get; set; } = FaultProfile.Fine;

    /// <summary>From when until when GitHub refuses to register runners.</summary>
    public (TimeSpan From, TimeSpan Until) Refuses { get; set; }

    /// <summary>Until when GitHub takes requests and does not answer.</summary>
    public TimeSpan SilentUntil { get; set; }

    /// <summary>Until when GitHub's limit is used up.</summary>
    public TimeSpan LimitedUntil { get; set; }

    /// <summary>Until when the default runner group is closed.</summary>
    public TimeSpan ClosedUntil { get; set; }

    public DateTimeOffset Now => World.Clock.GetUtcNow();

    public SimProcess NewProcess(string name, TimeSpan skew) => new(Scheduler, name, processes++, skew);

    /// <summary>Does something in the world after a delay.</summary>
    public void After(TimeSpan delay, Action act) => Scheduler.After(World, delay, act);

    /// <summary>
    /// Waits in the world. <c>Task.Delay</c> counts whole milliseconds, rounded down to no wait at all.
    /// </summary>
    public Task Delay(TimeSpan delay, CancellationToken cancel = default) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)), World.Clock, cancel);

    public void Say(string who, string what) => Scheduler.Trace.Line(Scheduler.Elapsed, who, what);

    public void Break(string promise, string what)
    {
        Say("BROKEN", $"[{promise}] {what}");
        Scheduler.Fail(promise, what);
    }

    public bool Chance(double share) => share > 0 && Random.NextDouble() < share;

    /// <summary>A time between the two, evenly.</summary>
    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromSeconds(fromSeconds + ((toSeconds - fromSeconds) * Random.NextDouble()));
}
