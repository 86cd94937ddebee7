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

    public const int PageSize = 100;

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

    /// <summary>Reads all pages of a list.</summary>
    /// <param name="path">Relative, without page parameters.</param>
    /// <param name="maxPages">Where GitHub caps the list; the rest is not seen.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The items, and how many GitHub says that there are.</returns>
    public async Task<(List<TItem> Items, double Total)> ListAsync<TPage, TItem>(
        string path, int maxPages, CancellationToken cancel)
        where TPage : class, IPage<TItem>
    {
        var items = new List<TItem>();
        for (var page = 1; ; page++)
        {
            var read = await GetAsync<TPage>(PagePath(path, page), cancel);
            var got = read.Items ?? throw new UnusableAnswerException($"GET /{path} was answered without its list");
            items.AddRange(got);
            if (got.Count < PageSize || items.Count >= read.TotalCount || page >= maxPages)
                return (items, read.TotalCount);
        }
    }

    /// <summary>Reads all pages of a list that does not say how many there are.</summary>
    public async Task<List<TItem>> ListAsync<TItem>(string path, CancellationToken cancel)
    {
        var items = new List<TItem>();
        for (var page = 1; ; page++)
        {
            var got = await GetAsync<List<TItem>>(PagePath(path, page), cancel);
            items.AddRange(got);
            if (got.Count < PageSize)
                return items;
        }
    }

    private static string PagePath(string path, int page) =>
        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}per_page={PageSize}"
        + (page == 1 ? "" : $"&page={page}");

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
