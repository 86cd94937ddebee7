using System.Collections.ObjectModel;
using System.Net;
using System.Text;
using Octokit;
using Octokit.Internal;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Sends Octokit's requests through our own handlers. Only successes reach its reader: what is none, Octokit would
/// throw.
/// </summary>
internal sealed class OctokitTransport(HttpMessageHandler handlers) : HttpClientAdapter(() => handlers)
{
    protected override async Task<IResponse> BuildResponse(
        HttpResponseMessage response, Func<object, object> preprocessResponseBody)
    {
        using (response)
        {
            if (response is FailedResponse failed)
                return new OctokitResponse(0, null, failed.Failure);
            var body = await response.Content.ReadAsByteArrayAsync();
            return response.IsSuccessStatusCode
                ? new OctokitResponse(response.StatusCode, Encoding.UTF8.GetString(body), null)
                : new OctokitResponse(0, null, Failure.Of(response, body));
        }
    }
}

/// <summary>An answer as Octokit takes it.</summary>
/// <param name="StatusCode">The status; 0 for a failure, which Octokit passes on as it is.</param>
/// <param name="Body">The JSON; null for a failure.</param>
/// <param name="Failure">Null for a success.</param>
internal sealed record OctokitResponse(HttpStatusCode StatusCode, object? Body, Failure? Failure) : IResponse
{
    private static readonly ApiInfo NoInfo = new(
        new Dictionary<string, Uri>(), [], [], "", new RateLimit(new Dictionary<string, string>()));

    public IReadOnlyDictionary<string, string> Headers => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Nothing: our own handlers have read the limits.</summary>
    public ApiInfo ApiInfo => NoInfo;

    public string ContentType => "application/json";
}
