using System.Net;
using RunnerScaler.Simulation.Reading;

namespace RunnerScaler.Bench.Queue;

/// <summary>Counts what is asked of GitHub, from a time on.</summary>
/// <param name="from">What comes before is not counted.</param>
/// <param name="time">The clock.</param>
internal sealed class QueueTraffic(TimeSpan from, StepTime time) : DelegatingHandler
{
    private readonly List<(TimeSpan At, int Points)> sent = [];

    public int Requests => sent.Count;

    /// <summary>Those that used up an hourly limit.</summary>
    public int Counted { get; private set; }

    /// <summary>Those of them that are the App's own, whose limit is another one.</summary>
    public int CountedOfApp { get; private set; }

    /// <summary>The most points of any sixty seconds: one for a read, five for a write.</summary>
    public int MostPointsInAMinute
    {
        get
        {
            var (most, points, first) = (0, 0, 0);
            var sorted = sent.OrderBy(s => s.At).ToArray();
            foreach (var (at, cost) in sorted)
            {
                points += cost;
                for (; at - sorted[first].At >= TimeSpan.FromMinutes(1); first++)
                    points -= sorted[first].Points;
                most = Math.Max(most, points);
            }
            return most;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var at = time.Elapsed;
        var answer = await base.SendAsync(request, cancel);
        if (at < from)
            return answer;
        sent.Add((at, request.Method == HttpMethod.Get ? 1 : 5));
        if (answer.StatusCode == HttpStatusCode.NotModified)
            return answer;
        Counted++;
        if (request.RequestUri!.AbsolutePath.Contains("/app/", StringComparison.Ordinal))
            CountedOfApp++;
        return answer;
    }
}
