using System.Text.Json;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Client;

/// <summary>
/// Requests with one token. What was refused because the token is new, or too old, is asked again; all else is an
/// answer. Only cancellation throws.
/// </summary>
/// <param name="http">Sends through the account's handlers; its base address is the API's root.</param>
/// <param name="tokens">Where the token comes from.</param>
/// <param name="time">The clock.</param>
internal sealed class GitHubApi(HttpClient http, ITokenStore tokens, TimeProvider time)
{
    /// <summary>However many tokens are refused: two, each four times, and some that others have renewed.</summary>
    private const int MostTries = 12;

    /// <param name="path">Relative, with its query.</param>
    /// <param name="cancel">Ends the request.</param>
    public Task<GitHubAnswer<T>> GetAsync<T>(string path, CancellationToken cancel)
        where T : class, IFromJson<T> => AskAsync(new(HttpMethod.Get, path, null), BodyOf<T>, cancel);

    /// <summary>A page of a list, and where the list goes on.</summary>
    public Task<GitHubAnswer<(Page<TItem> Page, NextPage Next)>> GetPageAsync<TItem>(
        PageAddress page, CancellationToken cancel)
        where TItem : class, IListed<TItem> => AskAsync(
            new(HttpMethod.Get, page.Path, null),
            response => BodyOf<Page<TItem>>(response).Select(
                body => (body, NextPage.Of(response, http.BaseAddress!, response.RequestMessage!.RequestUri!))),
            cancel);

    /// <summary>
    /// Sent once; only a token that was not accepted is renewed and tried again, for then nothing happened.
    /// </summary>
    public Task<GitHubAnswer<T>> PostAsync<T>(string path, byte[] json, CancellationToken cancel)
        where T : class, IFromJson<T> => PostAsync<T>(path, json, null, cancel);

    /// <inheritdoc cref="PostAsync{T}(string, byte[], CancellationToken)"/>
    /// <param name="path">Relative, with its query.</param>
    /// <param name="json">The body.</param>
    /// <param name="isStillWanted">Asked when its turn has come, before it is sent; null for always.</param>
    /// <param name="cancel">Ends the request.</param>
    public Task<GitHubAnswer<T>> PostAsync<T>(
        string path, byte[] json, Func<bool>? isStillWanted, CancellationToken cancel)
        where T : class, IFromJson<T> =>
        AskAsync(new(HttpMethod.Post, path, json) { IsStillWanted = isStillWanted }, BodyOf<T>, cancel);

    /// <returns>Why it was not deleted; null if it was.</returns>
    public async Task<Failure?> DeleteAsync(string path, CancellationToken cancel) =>
        (await AskAsync<bool>(new(HttpMethod.Delete, path, null), _ => true, cancel)).Failure;

    private async Task<GitHubAnswer<T>> AskAsync<T>(
        Question question, Func<HttpResponseMessage, GitHubAnswer<T>> read, CancellationToken cancel)
        where T : notnull
    {
        for (var tries = 1; ; tries++)
        {
            var token = await tokens.TokenAsync();
            if (!token.Ok)
                return token.Failure;
            var answer = await SendAsync(question, token.Value, read, cancel);
            if (answer.Ok)
                tokens.Accepted();
            if (answer.Failure?.Status is null || tries == MostTries
                || tokens.Refused(answer.Failure) is not { } pause)
                return answer;
            await Task.Delay(pause, time, cancel);
        }
    }

    private async Task<GitHubAnswer<T>> SendAsync<T>(
        Question question, string token, Func<HttpResponseMessage, GitHubAnswer<T>> read, CancellationToken cancel)
        where T : notnull
    {
        using var request = question.ToRequest(token);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return response is FailedResponse failed ? failed.Failure
                : response.IsSuccessStatusCode ? read(response)
                : Failure.Of(response, await response.Content.ReadAsByteArrayAsync(cancel));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failure.NoAnswer($"{question} was not done in {http.Timeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Reads the body, unless the same one was read before.</summary>
    private static GitHubAnswer<T> BodyOf<T>(HttpResponseMessage response)
        where T : class, IFromJson<T>
    {
        var kept = response.Content as KeptContent;
        if (kept?.Parsed.Value is T before)
            return before;
        var what = $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}";
        try
        {
            using var json = JsonDocument.Parse(response.Content.ReadAsStream());
            if (T.Read(json.RootElement) is not { } value)
                return Failure.NoAnswer($"{what} was answered without what was asked for");
            kept?.Parsed.Value = value;
            return value;
        }
        catch (JsonException)
        {
            return Failure.NoAnswer($"{what} was answered with a body that is not the JSON that was expected");
        }
    }

    private readonly record struct Question(HttpMethod Method, string Path, byte[]? Json)
    {
        public Func<bool>? IsStillWanted { get; init; }

        public HttpRequestMessage ToRequest(string token)
        {
            var request = new HttpRequestMessage(Method, new Uri(Path, UriKind.Relative));
            request.Headers.Authorization = new("Bearer", token);
            if (Json is not null)
                request.Content = new ByteArrayContent(Json) { Headers = { ContentType = new("application/json") } };
            if (IsStillWanted is not null)
                request.Options.Set(BudgetHandler.IsStillWanted, IsStillWanted);
            return request;
        }

        public override string ToString() => $"{Method} /{Path}";
    }
}
