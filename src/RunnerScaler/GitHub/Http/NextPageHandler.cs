using System.Text.RegularExpressions;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Reads where a list goes on
/// (<see href="https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api">the header
/// <c>Link</c></see>), in place of the client library, which takes any address there and throws at some. The answer
/// says it in <see cref="Header"/>: a path relative to the API's root, <see cref="None"/>, or <see cref="Elsewhere"/>;
/// an answer that says nothing of other pages has no such header.
/// </summary>
/// <param name="root">The address of the API, ending with a slash: pages are read below it only.</param>
internal sealed partial class NextPageHandler(Uri root) : DelegatingHandler
{
    public const string Header = "x-runnerscaler-next-page";

    /// <summary>This is the last page.</summary>
    public const string None = "none";

    /// <summary>
    /// The next page is said to be where the token must not go: at another scheme, host, port or API.
    /// </summary>
    public const string Elsewhere = "elsewhere";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var response = await base.SendAsync(request, cancel);
        var next = response.Headers.TryGetValues("Link", out var links) && request.RequestUri is { } asked
            ? Next(string.Join(',', links), asked)
            : null;
        response.Headers.Remove("Link");
        response.Headers.Remove(Header);
        if (next is not null)
            response.Headers.TryAddWithoutValidation(Header, next);
        return response;
    }

    [GeneratedRegex("<([^<>]*)>([^<]*)")]
    private static partial Regex Link();

    [GeneratedRegex("""\brel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\s*(?:[;,]|$))""", RegexOptions.IgnoreCase)]
    private static partial Regex RelationNext();

    private string Next(string links, Uri asked)
    {
        var next = Link().Matches(links).FirstOrDefault(l => RelationNext().IsMatch(l.Groups[2].Value));
        if (next is null)
            return None;
        return Uri.TryCreate(asked, next.Groups[1].Value, out var address) && IsBelowRoot(address)
            ? address.PathAndQuery[root.AbsolutePath.Length..]
            : Elsewhere;
    }

    private bool IsBelowRoot(Uri address) =>
        address.Scheme == root.Scheme
        && address.Host.Equals(root.Host, StringComparison.OrdinalIgnoreCase)
        && address.Port == root.Port
        && address.UserInfo.Length == 0
        && address.AbsolutePath.StartsWith(root.AbsolutePath, StringComparison.Ordinal);
}
