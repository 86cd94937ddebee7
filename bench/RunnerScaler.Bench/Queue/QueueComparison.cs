using System.Globalization;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Bench.Queue;

/// <summary>
/// What it takes to see an organisation's queue, and how soon a job is seen: by the plain way, and by ours with each
/// feed.
/// </summary>
internal sealed class QueueComparison(QueueOptions options)
{
    /// <summary>No limit for the plain way: else it would stop in the first minutes.</summary>
    private const int Unlimited = 1_000_000;

    /// <summary>A table in Markdown, a line at a time.</summary>
    public IEnumerable<string> Run()
    {
        yield return "| reading | requests | counted | most points in a minute | seen after, p50 | p95 | max |";
        yield return "|---|---|---|---|---|---|---|";
        var plain = new QueueWorld(
            options, new() { CorePerHour = Unlimited, PointsPerMinute = Unlimited, Concurrent = Unlimited });
        using (var poll = new PlainPoll(plain, TimeSpan.FromSeconds(15)))
            poll.Run();
        yield return Row("plain, every 15 s", plain);
        yield return Row("polling", Ours(_ => { }));
        yield return Row(
            "polling, log of deliveries", Ours(world => world.GitHub.OpenHook(new(), new Random(5))));
        yield return Row("polling, webhooks, 5 % lost", Ours(_ => { }, new() { Lost = 0.05 }));
    }

    private QueueWorld Ours(Action<QueueWorld> begin, WebhookFaults? webhooks = null)
    {
        var world = new QueueWorld(options, new() { CorePerHour = options.Limit });
        begin(world);
        new OurReading(world).Run(webhooks);
        return world;
    }

    private static string Row(string name, QueueWorld world)
    {
        var seen = world.Delays().Select(d => d.TotalSeconds).Order().ToArray();
        string At(double share) =>
            seen[Math.Clamp((int)Math.Ceiling(share * seen.Length) - 1, 0, seen.Length - 1)]
                .ToString("0.0", CultureInfo.InvariantCulture);
        var traffic = world.Traffic;
        var ofApp = traffic.CountedOfApp > 10 ? $" + {traffic.CountedOfApp} of the App" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {traffic.Requests:#,0} | {traffic.Counted - traffic.CountedOfApp:#,0}{ofApp} | "
            + $"{traffic.MostPointsInAMinute} | {At(0.5)} s | {At(0.95)} s | {At(1)} s |");
    }
}
