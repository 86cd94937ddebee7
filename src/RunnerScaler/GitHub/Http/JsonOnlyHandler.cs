using System.Net;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Refuses answers that are not JSON. A proxy's page with status 200 would otherwise be read as a list without entries,
/// and one with status 404 as "there is no such repository".
/// </summary>
internal sealed class JsonOnlyHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var response = await base.SendAsync(request, cancel);
        if (response is FailedResponse || IsCredible(response))
            return response;
        using (response)
        {
            var type = response.Content.Headers.ContentType?.MediaType ?? "no media type";
            return new FailedResponse(Failure.NoAnswer(
                $"{request.Method} {request.RequestUri?.AbsolutePath} was answered {(int)response.StatusCode} with "
                + $"{type} instead of JSON; a proxy between here and GitHub may have answered"));
        }
    }

    private static bool IsCredible(HttpResponseMessage response)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        if (response.IsSuccessStatusCode)
            return type == "application/json" || response.StatusCode == HttpStatusCode.NoContent;
        return type != "text/html"
            || (int)response.StatusCode is < 400 or 429 or >= 500
            || response.Headers.Contains("x-github-request-id")
            || response.Headers.RetryAfter is not null;
    }
}
