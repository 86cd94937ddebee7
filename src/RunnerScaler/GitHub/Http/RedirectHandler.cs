using System.Net;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Follows <see href="https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects">redirects</see>,
/// which GitHub answers where a repository was renamed or moved: the same request, to where it says, but only on the
/// same scheme, host and port. The token never leaves them, and what a server says cannot make the controller ask
/// another one.
/// </summary>
/// <param name="moved">Told of the path that was asked for when it has moved for good.</param>
internal sealed class RedirectHandler(Action<string> moved) : DelegatingHandler
{
    /// <summary>More than one after the other is odd; this many is a circle.</summary>
    private const int Most = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (request.Content is { } content)
            await content.LoadIntoBufferAsync(cancel);
        var asked = request;
        for (var followed = 0; ; followed++)
        {
            var response = await base.SendAsync(asked, cancel);
            if (!IsRedirect(response.StatusCode))
            {
                response.RequestMessage = request;
                return response;
            }
            if (followed == 0 && response.StatusCode is HttpStatusCode.MovedPermanently
                or HttpStatusCode.PermanentRedirect)
                moved(request.RequestUri!.AbsolutePath);
            GitHubAnswer<HttpRequestMessage> next;
            using (response)
                next = Follow(request, asked.RequestUri!, response, followed);
            if (!next.Ok)
                return new FailedResponse(next.Failure);
            asked = next.Value;
        }
    }

    /// <summary>The request to send next; none if it leads to another origin, nowhere, or round in circles.</summary>
    private static GitHubAnswer<HttpRequestMessage> Follow(
        HttpRequestMessage request, Uri from, HttpResponseMessage response, int followed)
    {
        var what = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        if (followed == Most)
            return Refused($"{what} is redirected more than {Most} times");
        if (response.StatusCode == HttpStatusCode.SeeOther || response.Headers.Location is not { } said
            || !Uri.TryCreate(from, said, out var to))
            return Refused($"{what} is redirected ({(int)response.StatusCode}) to no address that could be asked");
        return IsSameOrigin(from, to)
            ? Again(request, to)
            : Refused($"{what} is redirected from {Origin(from)} to {Origin(to)}, which is not asked");
    }

    private static bool IsRedirect(HttpStatusCode status) => status
        is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static bool IsSameOrigin(Uri a, Uri b) =>
        a.Scheme == b.Scheme
        && a.IdnHost.Equals(b.IdnHost, StringComparison.OrdinalIgnoreCase)
        && a.Port == b.Port
        && b.UserInfo.Length == 0;

    private static HttpRequestMessage Again(HttpRequestMessage request, Uri to)
    {
        var again = new HttpRequestMessage(request.Method, to)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = request.Content,
        };
        foreach (var header in request.Headers)
            again.Headers.TryAddWithoutValidation(header.Key, header.Value);
        again.Options.Set(RouteTemplate.Asked, RouteTemplate.Of(request));
        return again;
    }

    // Of the address only this much is shown: the rest is whatever the server likes to write.
    private static string Origin(Uri address) =>
        $"'{PlainText.Line($"{address.Scheme}://{address.IdnHost}:{address.Port}", 100)}'";

    private static Failure Refused(string what) => Failure.Of(new Problem(
        ProblemReason.Unreachable,
        $"{what}; correct the server in the pool's 'serves', or ask who runs that server"));
}
