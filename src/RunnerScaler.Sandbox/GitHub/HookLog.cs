namespace RunnerScaler.Sandbox.GitHub;

/// <summary>An entry in the log of an App's webhook.</summary>
/// <param name="Id">Grows in the order of what happened, which need not be the one in which it is logged.</param>
/// <param name="Delivery">What the webhook was told.</param>
/// <param name="At">When it is in the log.</param>
/// <param name="Again">Whether it is another entry about the same.</param>
internal sealed record LoggedDelivery(long Id, Delivery Delivery, DateTimeOffset At, bool Again);

/// <summary>
/// What GitHub keeps of the deliveries of an App's webhook, with what goes wrong on the way into it. Not thread-safe:
/// its owner locks.
/// </summary>
internal sealed class HookLog(WebhookFaults faults, Random random)
{
    private const int Most = 20_000;

    private readonly Queue<LoggedDelivery> all = new();
    private long last;

    /// <summary>What is in the log at a time, the newest first.</summary>
    /// <param name="log">All that has happened.</param>
    /// <param name="now">The present.</param>
    public IReadOnlyList<LoggedDelivery> Show(DeliveryLog log, DateTimeOffset now)
    {
        foreach (var delivery in log.After(last))
        {
            last = delivery.Id;
            foreach (var (i, way) in faults.Draw(random).Index())
                all.Enqueue(new((delivery.Id * 2) + i, delivery, delivery.At + way, i > 0));
        }
        while (all.Count > Most)
            all.Dequeue();
        return [.. all.Where(d => d.At <= now).Reverse()];
    }
}
