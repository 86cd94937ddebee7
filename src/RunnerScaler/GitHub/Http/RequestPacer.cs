using System.Diagnostics.CodeAnalysis;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Spaces the requests of an account out, below GitHub's
/// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits">secondary
/// limits</see>: a bucket of points, of which a read costs one and a write five, and a bound on requests under way.
/// Writes come first: reads leave them a part of the bucket.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing unless its wait handle is used")]
internal sealed class RequestPacer(GitHubOptions options, TimeProvider time)
{
    private const double ReadCost = 1;
    private const double WriteCost = 5;

    private readonly SemaphoreSlim underWay = new(options.MaxConcurrentRequests);
    private readonly Lock guard = new();
    private readonly double perSecond = options.PointsPerMinute / 60.0;
    private double points = options.BurstPoints;
    private long filledAt = time.GetTimestamp();

    /// <summary>Waits for its turn. Whoever got it calls <see cref="Leave"/> when the answer is there.</summary>
    public async Task EnterAsync(bool write, CancellationToken cancel)
    {
        while (Take(write) is { } wait)
            await Task.Delay(wait, time, cancel);
        await underWay.WaitAsync(cancel);
    }

    public void Leave() => underWay.Release();

    /// <summary>Takes the points of one request, or tells how long to wait for them.</summary>
    private TimeSpan? Take(bool write)
    {
        lock (guard)
        {
            var now = time.GetTimestamp();
            var earned = time.GetElapsedTime(filledAt, now).TotalSeconds * perSecond;
            points = Math.Min(options.BurstPoints, points + earned);
            filledAt = now;
            var cost = write ? WriteCost : ReadCost;
            var missing = cost + (write ? 0 : options.WriteReservePoints) - points;
            if (missing > 0)
                return TimeSpan.FromMilliseconds(Math.Ceiling(1000 * missing / perSecond));
            points -= cost;
            return null;
        }
    }
}
