using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Client;

/// <summary>Reads lists, which GitHub shows in pages.</summary>
internal static class Paging
{
    /// <summary>
    /// Reads the pages of a list: where the server says that it goes on, else for as long as pages are full. A page
    /// that cannot be had is tried once more as a smaller one.
    /// </summary>
    /// <param name="api">Where to read.</param>
    /// <param name="path">Relative, without page parameters.</param>
    /// <param name="bounds">How much is wanted.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>As much as could be read; a failure if not even the first page could.</returns>
    public static async Task<GitHubAnswer<Listing<TItem>>> ListAsync<TItem>(
        this GitHubApi api, string path, ListBounds bounds, CancellationToken cancel)
        where TItem : class, IListed<TItem>
    {
        var listing = new Listing<TItem> { PageSize = bounds.PageSize };
        var asked = new HashSet<PageAddress>();
        PageAddress? next = PageAddress.First(path, bounds.PageSize);
        while (next is { } page && !listing.Capped && listing.Broken is null)
        {
            if (asked.Count == ListBounds.MostPages || !asked.Add(page))
            {
                listing.Broken = Failure.NoAnswer($"the list /{path} has no end");
                break;
            }
            var (failure, following) = await TakeAsync(api, listing, page, cancel);
            if (failure is not null && asked.Count == 1)
                return failure;
            (listing.Broken, next) = (failure, following);
            listing.Capped = next is not null && listing.Items.Count >= bounds.Items;
        }
        return listing;
    }

    /// <summary>The entries of a list that was read to its end; see <see cref="Listing{TItem}.Problem"/>.</summary>
    /// <param name="answer">The list.</param>
    /// <param name="what">What it lists, as in "the runners of acme".</param>
    public static GitHubAnswer<List<TItem>> Whole<TItem>(this GitHubAnswer<Listing<TItem>> answer, string what)
        where TItem : class, IListed<TItem>
    {
        if (!answer.Ok)
            return answer.Failure;
        return answer.Value.Problem(what) is { } problem ? problem : answer.Value.Items;
    }

    /// <summary>Adds a page to a list.</summary>
    /// <returns>Why it could not be had, or where the next page is; neither if there is none.</returns>
    private static async Task<(Failure? Failure, PageAddress? Next)> TakeAsync<TItem>(
        GitHubApi api, Listing<TItem> listing, PageAddress page, CancellationToken cancel)
        where TItem : class, IListed<TItem>
    {
        listing.Requests++;
        var answer = await api.GetPageAsync<TItem>(page, cancel);
        if (answer.Failure?.Kind == FailureKind.Unreachable
            && page.Smaller(ListBounds.SmallerPage, listing.Taken) is { } smaller)
        {
            listing.PageSize = ListBounds.SmallerPage;
            return await TakeAsync(api, listing, smaller, cancel);
        }
        if (!answer.Ok)
            return (answer.Failure, null);
        var (entries, next) = answer.Value;
        listing.Add(entries);
        return (null, next.Kind switch
        {
            NextPageKind.Here => new PageAddress(next.Path),
            NextPageKind.None => null,
            NextPageKind.Elsewhere => entries.Count > 0 ? page.Following() : null,
            _ => entries.Count >= listing.PageSize && !(listing.Items.Count >= listing.Total)
                ? page.Following()
                : null,
        });
    }
}
