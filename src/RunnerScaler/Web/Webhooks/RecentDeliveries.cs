namespace RunnerScaler.Web.Webhooks;

/// <summary>
/// The ids of the latest deliveries that were taken: what comes again, because somebody sent it again, is known by its
/// id. The oldest are forgotten.
/// </summary>
internal sealed class RecentDeliveries
{
    private const int Most = 10_000;
    private const int LongestId = 64;

    private readonly Lock guard = new();
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);
    private readonly Queue<string> byAge = new();

    public bool Has(string id)
    {
        lock (guard)
            return ids.Contains(id);
    }

    /// <summary>It was taken. What cannot be an id is not kept.</summary>
    public void Add(string id)
    {
        if (id.Length is 0 or > LongestId)
            return;
        lock (guard)
        {
            if (!ids.Add(id))
                return;
            byAge.Enqueue(id);
            if (byAge.Count > Most)
                ids.Remove(byAge.Dequeue());
        }
    }
}
