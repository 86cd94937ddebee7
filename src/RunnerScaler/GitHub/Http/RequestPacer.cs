using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Keeps the requests of an account below GitHub's
/// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits">secondary
/// limits</see>: points in a minute, of which a read costs one and a write five, and requests under way. GitHub's page
/// may be read so that all requests share the points, or that each endpoint has its own:
/// <see cref="GitHubOptions.LimitScope"/>. Where reads and writes share them, reads are given one point of ten while
/// both wait, so that neither starves, and reads alone leave a part to the writes that may come.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing unless its wait handle is used")]
internal sealed class RequestPacer : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly GitHubOptions options;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim underWay;
    private readonly FrozenDictionary<RequestClass, (RequestGroup Group, RequestQueue Queue)> ways;
    private readonly (RequestGroup Group, RequestQueue Queue)? content;

    public RequestPacer(GitHubOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        underWay = new SemaphoreSlim(options.MaxConcurrentRequests);
        ways = (options.LimitScope == LimitScope.Endpoint ? OfEach() : OfAll()).ToFrozenDictionary();
        content = options.LimitContent ? Content() : null;
    }

    /// <summary>Whether any read waits for its turn.</summary>
    public bool ReadsWait => ways.Any(w => !w.Key.IsWrite() && w.Value.Group.Waits(w.Value.Queue));

    /// <summary>
    /// The points that registrations and removals have spent in the last minute of the limit that reads share with
    /// them: none where each has its own.
    /// </summary>
    public double WritePoints => options.LimitScope == LimitScope.Total
        ? ways[RequestClass.Registrations].Group.Spent(ways[RequestClass.Registrations].Queue)
        : 0;

    /// <summary>Waits for its turn. Whoever got it calls <see cref="Leave"/> when the answer is there.</summary>
    /// <param name="of">What it is.</param>
    /// <param name="isStillWanted">Asked when its turn has come; null for always.</param>
    /// <param name="cancel">Gives the wait up.</param>
    /// <returns>False if it was not wanted any more, which costs nothing.</returns>
    public async Task<bool> EnterAsync(RequestClass of, Func<bool>? isStillWanted, CancellationToken cancel)
    {
        if (of == RequestClass.Registrations && content is { } limit
            && !await limit.Group.EnterAsync(limit.Queue, isStillWanted, cancel))
            return false;
        if (!await ways[of].Group.EnterAsync(ways[of].Queue, isStillWanted, cancel))
            return false;
        await underWay.WaitAsync(cancel);
        return true;
    }

    public void Leave() => underWay.Release();

    /// <summary>
    /// GitHub has said that requests come too fast: those that share its limit go half as fast at once, and slowly
    /// faster again.
    /// </summary>
    /// <returns>The points that may be spent in a minute from now on.</returns>
    public int Slower(RequestClass of)
    {
        var group = ways[of].Group;
        group.Halve();
        return (int)(options.MinuteLimit * group.Part);
    }

    public void Dispose()
    {
        foreach (var way in ways.Values)
            way.Group.Dispose();
        content?.Group.Dispose();
    }

    private Dictionary<RequestClass, (RequestGroup Group, RequestQueue Queue)> OfAll()
    {
        var reads = new RequestQueue(RequestClass.OtherReads.Points(), weight: 1, leaves: options.WriteReservePoints);
        var writes = new RequestQueue(RequestClass.OtherWrites.Points(), weight: 9);
        var group = new RequestGroup(time, [PerMinute()], reads, writes);
        return Enum.GetValues<RequestClass>().ToDictionary(c => c, c => (group, c.IsWrite() ? writes : reads));
    }

    private Dictionary<RequestClass, (RequestGroup Group, RequestQueue Queue)> OfEach() =>
        Enum.GetValues<RequestClass>().ToDictionary(c => c, c =>
        {
            var queue = new RequestQueue(c.Points());
            return (new RequestGroup(time, [PerMinute()], queue), queue);
        });

    private (RequestGroup Group, RequestQueue Queue) Content()
    {
        var queue = new RequestQueue(cost: 1);
        SlidingWindow[] windows = [new(80, Minute), new(500, 60 * Minute)];
        return (new RequestGroup(time, windows, queue), queue);
    }

    private SlidingWindow PerMinute() => new(options.MinuteLimit, Minute);
}
