using System.Globalization;

namespace RunnerScaler.GitHub.Responses;

/// <summary>Where a page of a list is.</summary>
/// <param name="Path">Relative to the API's root, with its query.</param>
internal readonly record struct PageAddress(string Path)
{
    private const string SizeName = "per_page";
    private const string NumberName = "page";

    /// <param name="list">The list's path, without page parameters.</param>
    /// <param name="size">Entries of a page: 1 to 100.</param>
    public static PageAddress First(string list, int size) => new PageAddress(list).With(SizeName, size);

    /// <summary>The page after this one, where the server does not say where it is.</summary>
    public PageAddress Following() => With(NumberName, (Number(NumberName) ?? 1) + 1);

    /// <summary>A smaller page that begins with the same entry; null if there is none.</summary>
    /// <param name="size">Its entries.</param>
    /// <param name="before">Entries that the pages before this one had: where they were shorter than they were asked to
    /// be, nobody knows where a page of another size begins.</param>
    public PageAddress? Smaller(int size, int before)
    {
        if (Number(SizeName) is not { } now || now <= size || now % size != 0)
            return null;
        var earlier = (Number(NumberName) ?? 1) - 1;
        if (earlier * now != before)
            return null;
        var number = (earlier * (now / size)) + 1;
        var smaller = With(SizeName, size);
        return number == 1 ? smaller : smaller.With(NumberName, number);
    }

    private int? Number(string name) =>
        Parameters().Select(p => p.Split('=', 2)).FirstOrDefault(p => p[0] == name) is [_, var value]
        && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private PageAddress With(string name, int value)
    {
        var others = Parameters().Where(p => p.Split('=', 2)[0] != name);
        var query = string.Join('&', others.Append(string.Create(CultureInfo.InvariantCulture, $"{name}={value}")));
        return new($"{Path.Split('?', 2)[0]}?{query}");
    }

    private string[] Parameters() =>
        Path.Split('?', 2) is [_, { Length: > 0 } query] ? query.Split('&') : [];
}
