namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>How often a route was answered with a status.</summary>
/// <param name="Route">Method and pattern, for example <c>GET /orgs/{org}/actions/runners</c>.</param>
/// <param name="Counted">How many of the requests used up the primary limit.</param>
internal sealed record RequestCount(string Route, int Status, int Requests, int Counted);

/// <summary>Counts the requests. Members may be called from any thread.</summary>
internal sealed class RouteCounts
{
    /// <summary>Stands for the status of a request whose answer was dropped on purpose.</summary>
    public const int NoAnswer = 0;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Route, int Status), (int Requests, int Counted)> _counts = [];

    public int Requests => Sum(count => count.Requests);

    /// <summary>Requests that used up the primary limit.</summary>
    public int Counted => Sum(count => count.Counted);

    public int NotModified => Sum(count => count.Status == StatusCodes.Status304NotModified ? count.Requests : 0);

    public void Add(string route, int status, bool counted)
    {
        lock (_gate)
        {
            var count = _counts.GetValueOrDefault((route, status));
            _counts[(route, status)] = (count.Requests + 1, count.Counted + (counted ? 1 : 0));
        }
    }

    /// <summary>By route, then by status.</summary>
    public IReadOnlyList<RequestCount> Snapshot()
    {
        lock (_gate)
        {
            return
            [
                .. _counts.Select(pair =>
                    new RequestCount(pair.Key.Route, pair.Key.Status, pair.Value.Requests, pair.Value.Counted)),
            ];
        }
    }

    private int Sum(Func<RequestCount, int> part) => Snapshot().Sum(part);
}
