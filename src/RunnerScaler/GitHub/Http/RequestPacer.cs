using System.Diagnostics.CodeAnalysis;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Spaces the requests of an account out, below GitHub's
/// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits">secondary
/// limits</see>: a bucket of points, of which a read costs one and a write five, and a bound on requests under way.
/// While both wait, reads are given one point of ten, so that neither starves; reads alone leave a part of the bucket
/// to the writes that may come.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing unless its wait handle is used")]
internal sealed class RequestPacer : IDisposable
{
    private readonly GitHubOptions options;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim underWay;
    private readonly double perSecond;
    private readonly RequestQueue reads = new(cost: 1, weight: 1);
    private readonly RequestQueue writes = new(cost: 5, weight: 9);
    private readonly ITimer next;
    private readonly Lock guard = new();
    private double points;
    private double turn;
    private long filledAt;

    public RequestPacer(GitHubOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        underWay = new SemaphoreSlim(options.MaxConcurrentRequests);
        perSecond = options.PointsPerMinute / 60.0;
        points = options.BurstPoints;
        filledAt = time.GetTimestamp();
        next = time.CreateTimer(_ => Serve(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether any read waits for its turn.</summary>
    public bool ReadsWait
    {
        get
        {
            lock (guard)
                return !reads.IsEmpty;
        }
    }

    /// <summary>Waits for its turn. Whoever got it calls <see cref="Leave"/> when the answer is there.</summary>
    public async Task EnterAsync(bool write, CancellationToken cancel)
    {
        var waiter = new Waiter();
        using var leave = cancel.UnsafeRegister(_ => GiveUp(waiter, cancel), null);
        lock (guard)
            (write ? writes : reads).Join(waiter, turn);
        Serve();
        await waiter.Done.Task;
        await underWay.WaitAsync(cancel);
    }

    public void Leave() => underWay.Release();

    public void Dispose() => next.Dispose();

    private void GiveUp(Waiter waiter, CancellationToken cancel)
    {
        lock (guard)
        {
            if (waiter.Over)
                return;
            waiter.Over = true;
        }
        waiter.Done.SetCanceled(cancel);
    }

    private void Serve()
    {
        var served = new List<Waiter>();
        lock (guard)
        {
            Fill();
            while (First() is { } queue)
            {
                var missing = queue.Cost + (writes.IsEmpty ? options.WriteReservePoints : 0) - points;
                if (missing > 0)
                {
                    var wait = TimeSpan.FromMilliseconds(Math.Ceiling(1000 * missing / perSecond));
                    next.Change(wait, Timeout.InfiniteTimeSpan);
                    break;
                }
                turn = queue.Turn;
                points -= queue.Cost;
                served.Add(queue.Serve());
            }
        }

        // Outside the lock: what they go on with runs here.
        foreach (var waiter in served)
            waiter.Done.SetResult();
    }

    private void Fill()
    {
        var now = time.GetTimestamp();
        var earned = time.GetElapsedTime(filledAt, now).TotalSeconds * perSecond;
        points = Math.Min(options.BurstPoints, points + earned);
        filledAt = now;
    }

    /// <summary>The queue whose turn it is; null if nobody waits.</summary>
    private RequestQueue? First()
    {
        if (reads.IsEmpty)
            return writes.IsEmpty ? null : writes;
        return writes.IsEmpty || reads.Turn < writes.Turn ? reads : writes;
    }

    private sealed class Waiter
    {
        public TaskCompletionSource Done { get; } = new();

        /// <summary>It was served, or has given up. Read and written under the lock.</summary>
        public bool Over { get; set; }
    }

    /// <summary>
    /// Those who wait for the same kind of request. Turns are counted in points by weight, as in
    /// <see href="https://en.wikipedia.org/wiki/Weighted_fair_queueing">weighted fair queueing</see>: a queue that was
    /// empty has saved nothing up.
    /// </summary>
    private sealed class RequestQueue(double cost, double weight)
    {
        private readonly Queue<Waiter> waiting = [];

        public double Cost => cost;

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

        public void Join(Waiter waiter, double now)
        {
            if (IsEmpty)
                Turn = Math.Max(Turn, now);
            waiting.Enqueue(waiter);
        }

        public Waiter Serve()
        {
            var waiter = waiting.Dequeue();
            waiter.Over = true;
            Turn += cost / weight;
            return waiter;
        }
    }
}
