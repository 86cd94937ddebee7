using RunnerScaler.GitHub.Queue;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Simulation.Reading;

/// <summary>
/// Tells the reader where something happened, as webhooks do: some hints are lost, some come twice, late, or about
/// what is not there. In some seeds there are none at all.
/// </summary>
internal sealed class ReadingHints(
    int seed, StepTime time, Organization github, JobSource source, AccountKey account, HashSet<ReadingFault> met)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Random random = new(seed ^ 0x4a17);
    private readonly Random ofLog = new(seed ^ 0x10c5);
    private WebhookFaults faults = new();
    private long last;

    /// <summary>How many have arrived at a repository that is watched.</summary>
    public int Taken { get; private set; }

    public void Start()
    {
        if (ofLog.Next(2) == 0)
            github.OpenHook(new() { Lost = Share(ofLog), Twice = Share(ofLog), Late = Share(ofLog) }, ofLog);
        if (random.Next(4) == 0)
            return;
        faults = new() { Lost = Share(random), Twice = Share(random), Late = Share(random) };
        Tell();
    }

    /// <summary>Notes what the log of deliveries came to, if there was one.</summary>
    public void Conclude()
    {
        if (github.LoggedDeliveries() is not { } log)
            return;
        var entries = log.ToLookup(e => e.Delivery.Id);
        if (github.DeliveriesAfter(0).Any(d => !entries.Contains(d.Id)))
            met.Add(ReadingFault.LogLost);
        if (log.Any(e => e.Again))
            met.Add(ReadingFault.LogTwice);
        if (log.Any(e => e.At - e.Delivery.At > TimeSpan.FromSeconds(1)))
            met.Add(ReadingFault.LogLate);
    }

    private static double Share(Random random) => random.Next(2) * random.NextDouble() / 2;

    private void Tell()
    {
        foreach (var delivery in github.DeliveriesAfter(last))
        {
            last = delivery.Id;
            var ways = faults.Draw(random);
            if (ways.Count != 1)
                met.Add(ways.Count == 0 ? ReadingFault.HintLost : ReadingFault.HintTwice);
            foreach (var way in ways)
            {
                if (way > TimeSpan.FromSeconds(1))
                    met.Add(ReadingFault.HintLate);
                time.After(way, () => Hint(github.FindRepository(delivery.Job.RepositoryId)!.FullName));
            }
        }
        if (random.Next(100) == 0)
        {
            met.Add(ReadingFault.HintFalse);
            Hint(random.Next(2) == 0 ? "acme/secret" : "acme/app0");
        }
        time.After(Interval, Tell);
    }

    private void Hint(string fullName)
    {
        var parts = fullName.Split('/');
        if (source.Hint(account, RepositoryKey.Of(account.Server, parts[0], parts[1])))
            Taken++;
    }
}
