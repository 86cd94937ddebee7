using System.Collections.Concurrent;

namespace RunnerScaler.Simulation.Kernel;

/// <summary>
/// Runs ordinary asynchronous code on one thread in virtual time. Where several continuations are ready, one seeded
/// choice says which is next; when none is, time jumps to the next timer. The same seed gives the same history.
/// </summary>
internal sealed class SimScheduler(Random choice, Trace trace)
{
    /// <summary>Steps at one instant of virtual time after which nobody believes in progress any more.</summary>
    private const int MostStepsAtOnce = 200_000;

    private readonly List<Item> ready = [];
    private readonly PriorityQueue<SimTimer, (long Due, long Order)> timers = new();
    private readonly ConcurrentQueue<string> escapes = new();
    private int owner;
    private long order;

    public static readonly DateTimeOffset Epoch = new(2026, 3, 2, 6, 0, 0, TimeSpan.Zero);

    public Trace Trace => trace;

    /// <summary>Virtual time since the start, in ticks.</summary>
    public long Now { get; private set; }

    public TimeSpan Elapsed => TimeSpan.FromTicks(Now);

    public long Steps { get; private set; }

    /// <summary>Why the run was stopped; null while nothing is wrong.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Stops the run after the present step. The first failure counts.</summary>
    public void Fail(string promise, string what) => Failure ??= new(promise, what, Elapsed);

    /// <summary>Does something after a delay, in the name of a process.</summary>
    public void After(SimProcess process, TimeSpan delay, Action act) =>
        new SimTimer(this, process, _ => act(), null).Set(delay);

    /// <summary>Runs until <paramref name="done"/> holds (asked whenever time passes) or the time is over.</summary>
    /// <returns>Whether it holds.</returns>
    public bool RunUntil(TimeSpan end, Func<bool> done)
    {
        owner = Environment.CurrentManagedThreadId;
        var before = SynchronizationContext.Current;
        try
        {
            while (Failure is null)
            {
                if (!Drain())
                    return false;
                if (done())
                    return true;
                if (!Advance(end))
                    return false;
            }
            return false;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    internal void Enqueue(SimProcess process, SendOrPostCallback callback, object? state)
    {
        if (IsEscape("a continuation"))
            return;
        ready.Add(new(process, callback, state));
    }

    internal void Enqueue(SimTimer timer, long due) => timers.Enqueue(timer, (due, order++));

    /// <summary>Whether the caller runs on another thread than the simulation: code under test has left it.</summary>
    internal bool IsEscape(string what)
    {
        if (Environment.CurrentManagedThreadId == owner || owner == 0)
            return false;
        escapes.Enqueue(what);
        return true;
    }

    /// <summary>Steps until nothing is ready at this instant.</summary>
    private bool Drain()
    {
        for (var atOnce = 0; ready.Count > 0; atOnce++)
        {
            var chosen = ready.Count == 1 ? 0 : choice.Next(ready.Count);
            var item = ready[chosen];
            ready[chosen] = ready[^1];
            ready.RemoveAt(ready.Count - 1);
            Step(item, chosen);
            if (!escapes.IsEmpty)
                Fail("deterministic", $"code under test left the simulation's thread: {string.Join(", ", escapes)}");
            if (atOnce > MostStepsAtOnce)
                Fail("progress", $"{MostStepsAtOnce} steps without time passing: a loop does not wait");
            if (Failure is not null)
                return false;
        }
        return true;
    }

    private void Step(Item item, int chosen)
    {
        if (item.Process.Holds(item.Callback, item.State))
            return;
        Steps++;
        trace.Mix(Now, chosen, item.Process.Id);
        SynchronizationContext.SetSynchronizationContext(item.Process);
        try
        {
            item.Callback(item.State);
        }
        catch (Exception e)
        {
            Fail("no crash", $"{item.Process.Name}: {e}");
        }
    }

    private bool Advance(TimeSpan end)
    {
        while (timers.TryPeek(out var timer, out var at) && !timer.IsSetFor(at.Due))
            timers.Dequeue();
        if (!timers.TryPeek(out _, out var next))
        {
            Fail("progress", "nothing is ready and no timer is set: everybody waits for somebody else");
            return false;
        }
        if (next.Due > end.Ticks)
        {
            Now = end.Ticks;
            return false;
        }
        Now = next.Due;
        while (timers.TryPeek(out var timer, out var at) && at.Due <= Now)
        {
            timers.Dequeue();
            if (timer.IsSetFor(at.Due))
                timer.Enqueue(at.Due);
        }
        return true;
    }

    private readonly record struct Item(SimProcess Process, SendOrPostCallback Callback, object? State);
}

/// <summary>What broke.</summary>
/// <param name="Promise">The promise, in a word or two.</param>
/// <param name="What">What happened.</param>
/// <param name="At">When, in virtual time.</param>
internal sealed record Failure(string Promise, string What, TimeSpan At)
{
    public override string ToString() => $"[{Promise}] at {At:hh\\:mm\\:ss\\.fff}: {What}";
}
