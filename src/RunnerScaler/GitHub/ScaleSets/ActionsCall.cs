using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>
/// One request to the Actions service, or on the way to it. Sent once; what comes of it is a value, and only
/// cancellation throws.
/// </summary>
/// <param name="Method">The method.</param>
/// <param name="Address">The whole address.</param>
/// <param name="Token">What is sent as <c>Authorization</c>: a secret.</param>
/// <param name="Route">How metrics call it.</param>
internal sealed record ActionsCall(HttpMethod Method, Uri Address, AuthenticationHeaderValue Token, string Route)
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    public byte[]? Json { get; init; }

    /// <summary>How long the answer may take; null for as long as others.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Sent as <c>X-ScaleSetMaxCapacity</c>; null for none.</summary>
    public int? Capacity { get; init; }

    public static byte[] Body<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{Method} {Route}";

    /// <returns>The answer's body if it was a success, without the mark that may be before it.</returns>
    public async Task<GitHubAnswer<ActionsReply>> SendAsync(HttpClient http, CancellationToken cancel)
    {
        using var request = ToRequest();
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response is FailedResponse failed)
                return failed.Failure;
            var body = WithoutMark(await response.Content.ReadAsByteArrayAsync(cancel));
            return response.IsSuccessStatusCode
                ? new ActionsReply(this, response.StatusCode, body)
                : Failure.Of(response, body);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failure.NoAnswer($"{this} was not done in {http.Timeout.TotalSeconds:0} s");
        }
    }

    private HttpRequestMessage ToRequest()
    {
        var request = new HttpRequestMessage(Method, Address);
        request.Headers.Authorization = Token;
        request.Headers.Accept.ParseAdd("application/json; api-version=6.0-preview");
        request.Options.Set(RouteTemplate.Asked, Route);
        if (Patience is { } longer)
            request.Options.Set(ExchangeHandler.Patience, longer);
        if (Capacity is { } most)
            request.Headers.Add("X-ScaleSetMaxCapacity", $"{most}");
        if (Json is not null)
            request.Content = new ByteArrayContent(Json) { Headers = { ContentType = new("application/json") } };
        return request;
    }

    private static ReadOnlyMemory<byte> WithoutMark(byte[] body) =>
        body.AsSpan().StartsWith(Mark) ? body.AsMemory(Mark.Length) : body;
}
