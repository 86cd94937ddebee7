using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace RunnerScaler.Web.Page;

/// <summary>A file that the page needs, as it was built in. It is the same for everybody, and no secret.</summary>
internal sealed class Asset
{
    private readonly byte[] content;
    private readonly string type;
    private readonly string tag;

    /// <param name="name">The resource's name.</param>
    /// <param name="type">Its media type.</param>
    public Asset(string name, string type)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program was built without {name}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        (content, this.type) = (copy.ToArray(), type);
        tag = $"\"{Convert.ToHexString(SHA256.HashData(content)[..8])}\"";
    }

    /// <summary>Sends it, or says that the browser's own copy is good.</summary>
    public Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        PageHeaders.Set(response);
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = tag;
        if (context.Request.Headers[HeaderNames.IfNoneMatch].ToString() == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = type;
        response.ContentLength = content.Length;
        return response.BodyWriter.WriteAsync(content, context.RequestAborted).AsTask();
    }
}

/// <summary>What browsers are told of all that belongs to the page.</summary>
internal static class PageHeaders
{
    /// <summary>
    /// Nothing runs that is not the page's own file, so that markup that slipped through would still not act
    /// (<see href="https://www.w3.org/TR/CSP3/">CSP</see>).
    /// </summary>
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
