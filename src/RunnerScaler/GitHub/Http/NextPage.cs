using System.Text.RegularExpressions;

namespace RunnerScaler.GitHub.Http;

/// <summary>What an answer says of the page after it.</summary>
internal enum NextPageKind
{
    /// <summary>Nothing of other pages at all.</summary>
    Unsaid,

    /// <summary>This is the last page.</summary>
    None,

    /// <summary>
    /// It is said to be where the token must not go: at another scheme, host, port or API.
    /// </summary>
    Elsewhere,

    Here,
}

/// <summary>
/// Where a list goes on
/// (<see href="https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api">the header
/// <c>Link</c></see>).
/// </summary>
/// <param name="Kind">Whether it goes on.</param>
/// <param name="Path">For <see cref="NextPageKind.Here"/>: relative to the API's root, with its query.</param>
internal readonly partial record struct NextPage(NextPageKind Kind, string Path = "")
{
    /// <param name="response">The answer.</param>
    /// <param name="root">The address of the API, ending with a slash: pages are read below it only.</param>
    /// <param name="asked">The address that was asked.</param>
    public static NextPage Of(HttpResponseMessage response, Uri root, Uri asked)
    {
        if (!response.Headers.TryGetValues("Link", out var links))
            return new(NextPageKind.Unsaid);
        var next = Link().Matches(string.Join(',', links))
            .FirstOrDefault(l => RelationNext().IsMatch(l.Groups[2].Value));
        if (next is null)
            return new(NextPageKind.None);
        return Uri.TryCreate(asked, next.Groups[1].Value, out var address) && PathBelow(root, address) is { } path
            ? new(NextPageKind.Here, path)
            : new(NextPageKind.Elsewhere);
    }

    [GeneratedRegex("<([^<>]*)>([^<]*)")]
    private static partial Regex Link();

    [GeneratedRegex("""\brel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\s*(?:[;,]|$))""", RegexOptions.IgnoreCase)]
    private static partial Regex RelationNext();

    // What is left behind the root may itself be read as an address, of another host: "//evil.example/".
    private static string? PathBelow(Uri root, Uri address) =>
        IsBelow(root, address)
        && address.PathAndQuery[root.AbsolutePath.Length..] is var path
        && Uri.TryCreate(root, path, out var again)
        && IsBelow(root, again)
            ? path
            : null;

    private static bool IsBelow(Uri root, Uri address) =>
        address.Scheme == root.Scheme
        && address.Host.Equals(root.Host, StringComparison.OrdinalIgnoreCase)
        && address.Port == root.Port
        && address.UserInfo.Length == 0
        && address.AbsolutePath.StartsWith(root.AbsolutePath, StringComparison.Ordinal);
}
