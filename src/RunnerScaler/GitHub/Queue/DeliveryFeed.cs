using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads the log that GitHub keeps of
/// <see href="https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook">what it told an App's
/// webhook</see>, whether anybody heard it or not. An entry names a repository by its id, and is a hint to look there:
/// entries may be missing, late, doubled and out of order. One reading at a time.
/// </summary>
internal sealed class DeliveryFeed(GitHubOptions options, ReadingLog log, TimeProvider time)
{
    private const string Path = "app/hook/deliveries";
    private const string JobEvent = "workflow_job";

    /// <summary>That a job began or ended needs no hurry: its repository is read often anyway.</summary>
    private const string Queued = "queued";

    private const int PageSize = 50;

    /// <summary>Of a burst that is larger, the rest is found in the turn of its repositories.</summary>
    private const int MostPages = 6;

    /// <summary>Some times more than the pages hold: what is known is not taken for news when it slips down.</summary>
    private const int MostRemembered = 5_000;

    /// <summary>Somebody may give the App a webhook.</summary>
    private static readonly TimeSpan WithoutWebhook = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly HashSet<long> known = [];
    private readonly Queue<long> byAge = new();
    private bool wasRead;
    private int failures;

    /// <summary>When it is to be read; never if that is switched off.</summary>
    public DateTimeOffset DueAt { get; private set; } =
        options.DeliveriesPeriod > TimeSpan.Zero ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue;

    /// <summary>The entries that were not there before, as far as they are read.</summary>
    public async Task<GitHubAnswer<DeliveryNews>> ReadAsync(GitHubApi app, CancellationToken cancel)
    {
        var news = new List<DeliveryData>();
        var page = PageAddress.First(Path, PageSize);
        for (var pages = 1; ; pages++)
        {
            var answer = await app.GetPageAsync<DeliveryData>(page, cancel);
            if (!answer.Ok)
                return pages == 1 ? answer.Failure : new DeliveryNews(news, IsWhole: false);
            var (entries, next) = answer.Value;
            var before = news.Count;
            news.AddRange(entries.Items.Where(e => !known.Contains(e.Id)));
            if (!wasRead || news.Count - before < entries.Count || next.Kind != NextPageKind.Here)
                return new DeliveryNews(news, IsWhole: true);
            if (pages == MostPages)
                return new DeliveryNews(news, IsWhole: false);
            page = new PageAddress(next.Path);
        }
    }

    /// <summary>
    /// Takes in what a reading came to. What the first one shows is no news: all repositories are read at that time.
    /// </summary>
    /// <param name="read">What was read.</param>
    /// <param name="repositories">All that are watched: those that are told of are hinted at.</param>
    public void Note(GitHubAnswer<DeliveryNews> read, IEnumerable<PolledRepository> repositories)
    {
        var now = time.GetUtcNow();
        if (!read.Ok)
        {
            DueAt = now + Failed(read.Failure, now);
            return;
        }
        var isFirst = !wasRead;
        (wasRead, failures, DueAt) = (true, 0, now + options.DeliveriesPeriod);
        foreach (var entry in read.Value.Entries)
            Remember(entry.Id);
        if (isFirst || read.Value.Entries.Count == 0)
            return;
        if (!read.Value.IsWhole)
            log.Delivery(DeliveryResult.Skipped);
        var byId = repositories.Where(r => r.Id is not null).ToLookup(r => r.Id!.Value);
        foreach (var entry in read.Value.Entries)
            log.Delivery(Hint(entry, byId, now));
    }

    private static DeliveryResult Hint(
        DeliveryData entry, ILookup<long, PolledRepository> byId, DateTimeOffset now)
    {
        if (entry.Event != JobEvent || entry.Action != Queued)
            return DeliveryResult.NoNews;
        if (entry.RepositoryId is not { } id || !byId.Contains(id))
            return DeliveryResult.UnknownRepository;
        foreach (var repository in byId[id])
            repository.HintedAt = now;
        return DeliveryResult.Taken;
    }

    private TimeSpan Failed(Failure failure, DateTimeOffset now)
    {
        if (failure.IsMissing)
        {
            log.Delivery(DeliveryResult.NoWebhook);
            return WithoutWebhook;
        }
        log.Delivery(DeliveryResult.Unread);
        var pause = options.DeliveriesPeriod * Math.Pow(2, Math.Min(failures++, 10));
        pause = pause < LongestPause ? pause : LongestPause;
        return failure.Problem?.Until - now is { } limit && limit > pause ? limit : pause;
    }

    private void Remember(long entry)
    {
        if (!known.Add(entry))
            return;
        byAge.Enqueue(entry);
        if (byAge.Count > MostRemembered)
            known.Remove(byAge.Dequeue());
    }
}

/// <param name="Entries">The new entries, the newest first.</param>
/// <param name="IsWhole">Whether these are all.</param>
internal sealed record DeliveryNews(IReadOnlyList<DeliveryData> Entries, bool IsWhole);
