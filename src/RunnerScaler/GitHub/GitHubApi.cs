using System.Text.Json;
using Octokit;
using RunnerScaler.GitHub.Access;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.GitHub;

/// <summary>
/// Requests with one token. What was refused because the token is new, or too old, is asked again; all else that goes
/// wrong is thrown, for <see cref="Failure"/> to read.
/// </summary>
/// <param name="connection">The library's connection, over our own handlers.</param>
/// <param name="tokens">Where it takes its token from.</param>
/// <param name="time">The clock.</param>
internal sealed class GitHubApi(IConnection connection, ITokenStore tokens, TimeProvider time)
{
    /// <summary>However many tokens are refused: two, each four times, and some that others have renewed.</summary>
    private const int MostTries = 12;

    private const string Json = "application/json";

    /// <param name="path">Relative, with its query.</param>
    /// <param name="cancel">Ends the request.</param>
    /// <exception cref="UnusableAnswerException">The answer has no body.</exception>
    public Task<T> GetAsync<T>(string path, CancellationToken cancel)
        where T : class => WithTokenAsync(async () =>
        {
            var answer = await connection.Get<T>(Relative(path), null, null, cancel);
            return answer.Body ?? throw new UnusableAnswerException($"GET /{path} was answered without a body");
        }, cancel);

    /// <summary>
    /// Sent once; only a token that was not accepted is renewed and tried again, for then nothing happened.
    /// </summary>
    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancel)
        where T : class => WithTokenAsync(async () =>
        {
            var answer = await connection.Post<T>(
                Relative(path), body, null, Json, (IDictionary<string, string>?)null, cancel);
            return answer.Body ?? throw new UnusableAnswerException($"POST /{path} was answered without a body");
        }, cancel);

    public Task DeleteAsync(string path, CancellationToken cancel) =>
        WithTokenAsync(() => connection.Delete(Relative(path)).WaitAsync(cancel), cancel);

    /// <summary>Reads one thing of those that GitHub also lists.</summary>
    /// <exception cref="UnusableAnswerException">The answer is no such thing.</exception>
    public async Task<TItem> ItemAsync<TItem>(string path, CancellationToken cancel)
        where TItem : class, IListed<TItem> => TItem.Read((await SendAsync(path, cancel)).Body)
            ?? throw new UnusableAnswerException($"GET /{path} was answered without what was asked for");

    /// <summary>
    /// Reads the pages of a list: where the server says that it goes on, else for as long as pages are full. A page
    /// that cannot be had is tried once more as a smaller one.
    /// </summary>
    /// <param name="path">Relative, without page parameters.</param>
    /// <param name="bounds">How much is wanted.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="Exception">Not even the first page could be read.</exception>
    public async Task<Listing<TItem>> ListAsync<TItem>(string path, ListBounds bounds, CancellationToken cancel)
        where TItem : class, IListed<TItem>
    {
        var listing = new Listing<TItem> { PageSize = bounds.PageSize };
        var asked = new HashSet<PageAddress>();
        PageAddress? next = PageAddress.First(path, bounds.PageSize);
        while (next is { } page)
        {
            if (asked.Count == ListBounds.MostPages || !asked.Add(page))
                listing.Broken = new UnusableAnswerException($"the list /{path} has no end");
            else
                next = await TakeAsync(listing, page, cancel);
            listing.Capped = next is not null && listing.Items.Count >= bounds.Items;
            if (listing.Capped || listing.Broken is not null)
                break;
        }
        return listing;
    }

    /// <summary>Adds a page to a list.</summary>
    /// <returns>The next page; null if there is none.</returns>
    private async Task<PageAddress?> TakeAsync<TItem>(
        Listing<TItem> listing, PageAddress page, CancellationToken cancel)
        where TItem : class, IListed<TItem>
    {
        var isFirst = listing.Requests == 0;
        try
        {
            return await AddOrSmallerAsync(listing, page, cancel);
        }
        catch (Exception e) when (!isFirst && !cancel.IsCancellationRequested)
        {
            listing.Broken = e;
            return null;
        }
    }

    private async Task<PageAddress?> AddOrSmallerAsync<TItem>(
        Listing<TItem> listing, PageAddress page, CancellationToken cancel)
        where TItem : class, IListed<TItem>
    {
        try
        {
            return await AddAsync(listing, page, cancel);
        }
        catch (Exception e) when (
            !cancel.IsCancellationRequested
            && Failure.Of(e).Kind == FailureKind.Unreachable
            && page.Smaller(ListBounds.SmallerPage) is not null)
        {
            listing.PageSize = ListBounds.SmallerPage;
            return await AddAsync(listing, page.Smaller(ListBounds.SmallerPage)!.Value, cancel);
        }
    }

    private async Task<PageAddress?> AddAsync<TItem>(
        Listing<TItem> listing, PageAddress page, CancellationToken cancel)
        where TItem : class, IListed<TItem>
    {
        listing.Requests++;
        var (body, next) = await SendAsync(page.Path, cancel);
        var list = body.ValueKind == JsonValueKind.Object && body.TryGetProperty(TItem.ListName, out var named)
            ? named
            : body;
        if (list.ValueKind != JsonValueKind.Array)
            throw new UnusableAnswerException($"GET /{page.Path} was answered without its list");
        listing.Total = body.ValueKind == JsonValueKind.Object ? body.Number("total_count") ?? listing.Total : null;
        foreach (var entry in list.EnumerateArray())
        {
            if (TItem.Read(entry) is { } item)
                listing.Items.Add(item);
            else
                listing.Unreadable++;
        }
        var count = list.GetArrayLength();
        return next switch
        {
            NextPageHandler.None => null,
            NextPageHandler.Elsewhere => count > 0 ? page.Following() : null,
            null => count >= listing.PageSize && !(listing.Items.Count >= listing.Total) ? page.Following() : null,
            _ => new PageAddress(next),
        };
    }

    private Task<(JsonElement Body, string? Next)> SendAsync(string path, CancellationToken cancel) =>
        WithTokenAsync(async () =>
        {
            var answer = await connection.Get<JsonElement>(Relative(path), null, null, cancel);
            return answer.Body.ValueKind == JsonValueKind.Undefined
                ? throw new UnusableAnswerException($"GET /{path} was answered without a body")
                : (answer.Body, answer.HttpResponse.Headers.GetValueOrDefault(NextPageHandler.Header));
        }, cancel);

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private async Task<T> WithTokenAsync<T>(Func<Task<T>> send, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            TimeSpan pause;
            try
            {
                var answer = await send();
                tokens.Accepted();
                return answer;
            }
            catch (ApiException e) when (tries < MostTries && tokens.Refused(e) is { } wait)
            {
                pause = wait;
            }
            await Task.Delay(pause, time, cancel);
        }
    }
}
