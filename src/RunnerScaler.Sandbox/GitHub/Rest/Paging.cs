using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// The page that a request asks for: 30 to a page unless told, at most 100
/// (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
/// </summary>
internal sealed class Paging(HttpRequest request, int largest)
{
    private readonly int _size = Math.Clamp(Number(request, "per_page", 30), 1, largest);
    private readonly int _page = Math.Max(1, Number(request, "page", 1));

    public IEnumerable<T> Cut<T>(IReadOnlyList<T> all) => all.Skip((_page - 1) * _size).Take(_size);

    /// <summary>The <c>Link</c> header; null when all fits on one page.</summary>
    public string? Link(int total)
    {
        var last = Math.Max(1, (total + _size - 1) / _size);
        var links = new List<string>();
        if (_page > 1) links.Add(To(Math.Min(_page - 1, last), "prev"));
        if (_page < last) links.Add(To(_page + 1, "next"));
        if (_page < last) links.Add(To(last, "last"));
        if (_page > 1) links.Add(To(1, "first"));
        return links.Count == 0 ? null : string.Join(", ", links);
    }

    /// <summary>The <c>Link</c> header of a list whose next page has no number, but begins at a cursor.</summary>
    public string LinkTo(string cursor) => To("cursor", cursor, "next");

    private string To(int page, string relation) =>
        To("page", page.ToString(CultureInfo.InvariantCulture), relation);

    private string To(string name, string value, string relation)
    {
        var query = new QueryBuilder(
            request.Query
                .Where(pair => pair.Key != name)
                .Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value ?? "")))
        {
            { name, value },
        };
        return $"<{request.Scheme}://{request.Host}{request.PathBase}{request.Path}{query}>; rel=\"{relation}\"";
    }

    private static int Number(HttpRequest request, string name, int otherwise) =>
        int.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
