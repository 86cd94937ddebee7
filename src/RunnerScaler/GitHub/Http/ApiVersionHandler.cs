namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Pins the <see href="https://docs.github.com/rest/about-the-rest-api/api-versions">API version</see> and the media type,
/// so that neither a new default nor the client library changes what the answers mean.
/// </summary>
internal sealed class ApiVersionHandler : DelegatingHandler
{
    /// <summary>Known to every GitHub Enterprise Server that is still supported.</summary>
    public const string Version = "2022-11-28";

    public const string MediaType = "application/vnd.github+json";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        request.Headers.Remove("X-GitHub-Api-Version");
        request.Headers.Add("X-GitHub-Api-Version", Version);
        request.Headers.Remove("Accept");
        request.Headers.Add("Accept", MediaType);
        return base.SendAsync(request, cancel);
    }
}
