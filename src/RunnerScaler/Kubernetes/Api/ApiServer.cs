using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Exceptions;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Sends raw JSON to the API server. Typed models are not used: they
/// drop fields that they do not know and rewrite quantities, which would damage pods of newer clusters.
/// </summary>
/// <param name="connection">The way to it; disposed with this.</param>
/// <param name="time">Measures the deadline.</param>
/// <param name="refusals">Told of everything that is refused, and of what no longer is; null for nobody.</param>
internal sealed class ApiServer(ApiConnection connection, TimeProvider time, Refusals? refusals = null) : IDisposable
{
    public const string Json = "application/json";
    public const string KeySet = "application/jwk-set+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string JsonPatch = "application/json-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>
    /// Quotation marks as <c>\"</c>, not as <c>\u0022</c>: the <c>test</c> of a JSON Patch compares the spelling with
    /// the server's own (seen with Kubernetes 1.20).
    /// </summary>
    private static readonly JsonSerializerOptions Spelling =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int LongestFailure = 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly ProductInfoHeaderValue Agent =
        new("runnerscaler", typeof(ApiServer).Assembly.GetName().Version?.ToString(3) ?? "0");

    private readonly Uri root = new(connection.Root.AbsoluteUri.TrimEnd('/') + "/");

    /// <inheritdoc cref="SendAsync"/>
    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancel, string accept = Json) =>
        SendAndTellAsync(
            HttpMethod.Get, path, default, Json, RequestPath.Read(HttpMethod.Get, path, null), cancel, accept);

    /// <summary>Sends one request and reads the whole answer. Sent once; only cancellation throws.</summary>
    public Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, JsonNode body, CancellationToken cancel, string contentType = Json) =>
        SendAndTellAsync(
            method, path, Encoding.UTF8.GetBytes(body.ToJsonString(Spelling)), contentType,
            RequestPath.Read(method, path, body), cancel);

    /// <summary>
    /// Asks whether an object would be created: rights, quotas, webhooks and policies are asked, nothing is stored, and
    /// nobody is told of a refusal. Sent once; only cancellation throws.
    /// </summary>
    public async Task<ApiAnswer> TryCreateAsync(string path, JsonNode body, CancellationToken cancel)
    {
        var answer = await SendOnceAsync(
            HttpMethod.Post, $"{path}?dryRun=All", Encoding.UTF8.GetBytes(body.ToJsonString(Spelling)), Json, Json,
            cancel);
        return answer with { Refusal = RefusalRule.Read(RequestPath.Read(HttpMethod.Post, path, body), answer) };
    }

    private async Task<ApiAnswer> SendAndTellAsync(
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte> body,
        string contentType,
        ApiRequest request,
        CancellationToken cancel,
        string accept = Json)
    {
        var answer = await SendOnceAsync(method, path, body, contentType, accept, cancel);
        return RefusalRule.IsAmbiguous(request, answer, contentType) ? answer : Tell(request, answer);
    }

    private ApiAnswer Tell(ApiRequest request, ApiAnswer answer)
    {
        var refusal = RefusalRule.Read(request, answer);
        if (refusal is null)
            refusals?.Succeeded(request);
        else
            refusals?.Refused(refusal);
        return answer with { Refusal = refusal };
    }

    /// <summary>
    /// What looked like an ordinary answer was none: the API server refuses what <paramref name="answer"/> is about.
    /// </summary>
    public Refusal TellDenied(HttpMethod method, string path, ApiAnswer answer)
    {
        var denied = new Refusal(
            RefusalReason.Denied, RequestPath.Read(method, path, null), answer.Why, answer.RetryAfter);
        refusals?.Refused(denied);
        return denied;
    }

    private async Task<ApiAnswer> SendOnceAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, string contentType, string accept,
        CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var request = await RequestAsync(method, path, either.Token, accept);
            if (!body.IsEmpty)
            {
                request.Content = new ReadOnlyMemoryContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
            }
            using var response = await connection.Http.SendAsync(request, either.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(either.Token);
            return ApiAnswer.Read((int)response.StatusCode, bytes, RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ApiAnswer.None(
                $"the API server at {root.Authority} did not answer within {Deadline.TotalSeconds:0} s");
        }
        catch (Exception e) when (IsConnectionTrouble(e))
        {
            return ApiAnswer.None(Describe(e));
        }
    }

    /// <summary>
    /// Asks what is behind the API server's proxy, and says to it who asks. Sent once; only cancellation throws.
    /// </summary>
    /// <param name="path">From the API server's root.</param>
    /// <param name="accept">The form of the answer.</param>
    /// <param name="token">Who asks; null for the token that the API server is shown.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The HTTP status (0: none), the text or why there is none, and whether it was said who asks.</returns>
    public async Task<(int Code, string Text, bool IsTold)> AskBehindAsync(
        string path, string accept, string? token, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var request = await RequestAsync(HttpMethod.Get, path, either.Token, accept);
            token ??= request.Headers.Authorization is { Scheme: "Bearer" } own ? own.Parameter : null;
            if (token is not null)
                request.Headers.TryAddWithoutValidation(ApiHeaders.Token, token);
            using var response = await connection.Http.SendAsync(request, either.Token);
            var text = await response.Content.ReadAsStringAsync(either.Token);
            return ((int)response.StatusCode, text, token is not null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (0, $"no answer came within {Deadline.TotalSeconds:0} s", false);
        }
        catch (Exception e) when (IsConnectionTrouble(e))
        {
            return (0, Describe(e), false);
        }
    }

    /// <summary>Opens an answer that has no end of its own. The caller disposes it.</summary>
    /// <returns>The answer, and what it says if it is no success.</returns>
    /// <exception cref="Exception">One for which <see cref="IsConnectionTrouble"/> holds.</exception>
    public async Task<(HttpResponseMessage Response, ApiAnswer? Failure)> OpenAsync(
        string path, CancellationToken cancel)
    {
        var asked = RequestPath.Read(HttpMethod.Get, path, null);
        using var request = await RequestAsync(HttpMethod.Get, path, cancel);
        var response = await connection.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.IsSuccessStatusCode)
        {
            refusals?.Succeeded(asked);
            return (response, null);
        }
        try
        {
            await response.Content.LoadIntoBufferAsync(LongestFailure, cancel);
            var body = await response.Content.ReadAsByteArrayAsync(cancel);
            return (response, Tell(asked, ApiAnswer.Read((int)response.StatusCode, body, RetryAfter(response))));
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Where there was no answer, and the first cause of that. Without secrets.</summary>
    public string Describe(Exception trouble) =>
        $"the API server at {root.Authority} cannot be reached: {trouble.GetBaseException().Message}";

    /// <summary>
    /// Whether an exception means that the server, or what proves our identity to it, cannot be had now.
    /// </summary>
    public static bool IsConnectionTrouble(Exception e) =>
        e is HttpRequestException or IOException or UnauthorizedAccessException
            or KubernetesClientException or KubeConfigException;

    public static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;

    public void Dispose() => connection.Dispose();

    private async Task<HttpRequestMessage> RequestAsync(
        HttpMethod method, string path, CancellationToken cancel, string accept = Json)
    {
        var request = new HttpRequestMessage(method, new Uri(root, path.TrimStart('/')))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.UserAgent.Add(Agent);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        await connection.AuthenticateAsync(request, cancel);
        return request;
    }
}
