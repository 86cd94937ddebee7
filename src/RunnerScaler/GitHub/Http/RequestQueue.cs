namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Those who wait for one kind of request. Turns are counted in points by weight, as in
/// <see href="https://en.wikipedia.org/wiki/Weighted_fair_queueing">weighted fair queueing</see>: a queue that was
/// empty has saved nothing up. Not thread-safe: its <see cref="RequestGroup"/> locks.
/// </summary>
/// <param name="cost">What each request spends of the group's limits.</param>
/// <param name="weight">How much of them it gets beside other queues.</param>
/// <param name="leaves">What it leaves to the others of its group while nobody waits there.</param>
internal sealed class RequestQueue(double cost, double weight = 1, double leaves = 0)
{
    private readonly Queue<Waiter> waiting = [];

    public double Cost => cost;

    public double Leaves => leaves;

    /// <summary>What was spent in the last minute.</summary>
    public SlidingWindow Spent { get; } = new(double.MaxValue, TimeSpan.FromMinutes(1));

    /// <summary>Whoever's turn is lower comes first.</summary>
    public double Turn { get; private set; }

    public bool IsEmpty
    {
        get
        {
            while (waiting.TryPeek(out var first) && first.Over)
                waiting.Dequeue();
            return waiting.Count == 0;
        }
    }

    public Waiter Join(double now, Func<bool>? isStillWanted)
    {
        if (IsEmpty)
            Turn = Math.Max(Turn, now);
        var waiter = new Waiter(isStillWanted);
        waiting.Enqueue(waiter);
        return waiter;
    }

    /// <summary>Takes the first out if it is not wanted any more; else null.</summary>
    public Waiter? DropUnwanted()
    {
        if (waiting.Peek().IsStillWanted?.Invoke() != false)
            return null;
        var waiter = waiting.Dequeue();
        waiter.Over = true;
        return waiter;
    }

    public Waiter Serve()
    {
        var waiter = waiting.Dequeue();
        waiter.Over = true;
        Turn += cost / weight;
        return waiter;
    }

    internal sealed class Waiter(Func<bool>? isStillWanted)
    {
        public Func<bool>? IsStillWanted => isStillWanted;

        /// <summary>Whether it may go on; false if it was not wanted any more.</summary>
        public TaskCompletionSource<bool> Done { get; } = new();

        /// <summary>It was served, or has given up.</summary>
        public bool Over { get; set; }
    }
}
