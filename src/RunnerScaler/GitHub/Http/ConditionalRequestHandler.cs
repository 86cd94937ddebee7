using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Asks for lists only if they have changed
/// (<see href="https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate">conditional
/// requests</see>): "not modified" costs nothing of the hourly limit. Its answer is the kept body with the headers that
/// came now, so that the limits in them stay true.
/// </summary>
/// <param name="cache">What the account has kept.</param>
/// <param name="holder">Keeps apart the answers of different installations to the same address.</param>
internal sealed class ConditionalRequestHandler(AnswerCache cache, string holder) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (!IsKept(request))
            return await base.SendAsync(request, cancel);
        var key = $"{holder} {request.Headers.Accept} {request.RequestUri}";
        var kept = cache.Find(key);
        request.Headers.Remove("If-None-Match");
        if (kept is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", TagFor(kept, request));
        var response = await base.SendAsync(request, cancel);
        if (response.StatusCode == HttpStatusCode.NotModified && kept is not null)
            return Revive(key, kept, request, response);
        if (response.StatusCode == HttpStatusCode.OK)
            await KeepAsync(key, request, response, cancel);
        else if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            cache.Remove(key);
        return response;
    }

    /// <summary>Look-ups of single runners are asked once: keeping them would push out what is asked often.</summary>
    private static bool IsKept(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get
        && request.RequestUri is { } address
        && !address.AbsolutePath.Contains("/actions/runners/", StringComparison.Ordinal)
        && !address.Query.Contains("name=", StringComparison.Ordinal);

    private static string TagFor(KeptAnswer kept, HttpRequestMessage request) =>
        kept.Predictable && kept.TokenDigest != DigestOf(request) ? Predict(request, kept.Body) : kept.Tag;

    private HttpResponseMessage Revive(
        string key, KeptAnswer kept, HttpRequestMessage request, HttpResponseMessage notModified)
    {
        var digest = DigestOf(request);
        if (kept.TokenDigest != digest)
            cache.Keep(key, kept with { Tag = TagFor(kept, request), TokenDigest = digest });
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Version = notModified.Version,
            RequestMessage = request,
            Content = new KeptContent(kept.Body, kept.MediaType, kept.Parsed),
        };
        foreach (var header in notModified.Headers)
            response.Headers.TryAddWithoutValidation(header.Key, header.Value);
        if (kept.Link is { } link && !response.Headers.Contains("Link"))
            response.Headers.TryAddWithoutValidation("Link", link);
        notModified.Dispose();
        return response;
    }

    private async Task KeepAsync(
        string key, HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancel)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancel);
        var type = response.Content.Headers.ContentType?.ToString() ?? "application/json";
        response.Content.Dispose();
        var parsed = new ParsedBody();
        response.Content = new KeptContent(body, type, parsed);
        if (response.Headers.ETag?.ToString() is not { } tag)
            return;
        var predictable = EntityTag.Same(tag, Predict(request, body));
        var link = response.Headers.TryGetValues("Link", out var links) ? string.Join(',', links) : null;
        cache.Keep(key, new KeptAnswer(body, type, tag, DigestOf(request), predictable, parsed) { Link = link });
    }

    private static string Predict(HttpRequestMessage request, byte[] body) =>
        EntityTag.Predict(request.Headers.Accept.ToString(), request.Headers.Authorization?.ToString() ?? "", body);

    private static string DigestOf(HttpRequestMessage request) => Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization?.ToString() ?? "")));
}
