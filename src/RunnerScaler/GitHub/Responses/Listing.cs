using System.Text.Json;

namespace RunnerScaler.GitHub.Responses;

/// <summary>How much of a list is wanted.</summary>
/// <param name="PageSize">Entries of a page: 1 to 100.</param>
/// <param name="Items">Entries after which nobody asks for more, as where GitHub itself shows no more.</param>
internal readonly record struct ListBounds(int PageSize = ListBounds.LargestPage, int Items = int.MaxValue)
{
    public const int LargestPage = 100;

    /// <summary>What is tried where a page of <see cref="LargestPage"/> cannot be had.</summary>
    public const int SmallerPage = 25;

    /// <summary>Pages after which a list is taken to have no end.</summary>
    public const int MostPages = 500;

    public static readonly ListBounds None = new(LargestPage);
}

/// <summary>One page of a list.</summary>
/// <param name="Items">Its entries, in the server's order.</param>
/// <param name="Unreadable">Entries that could not be understood.</param>
/// <param name="Total">How many the whole list has, by GitHub's word; null if it does not say.</param>
internal sealed record Page<TItem>(IReadOnlyList<TItem> Items, int Unreadable, double? Total) : IFromJson<Page<TItem>>
    where TItem : class, IListed<TItem>
{
    /// <summary>All its entries.</summary>
    public int Count => Items.Count + Unreadable;

    /// <summary>A page is a list, or an object with a list in it. An entry that is none does not hide the
    /// others.</summary>
    public static Page<TItem>? Read(JsonElement json)
    {
        var list = json.Member(TItem.ListName) ?? json;
        if (list.ValueKind != JsonValueKind.Array)
            return null;
        TItem[] items = [.. list.EnumerateArray().Select(TItem.Read).OfType<TItem>()];
        return new(items, list.GetArrayLength() - items.Length, json.Number("total_count"));
    }
}

/// <summary>
/// A list as far as it could be read: what is wrong with a part of it does not hide the rest, but is said.
/// </summary>
internal sealed class Listing<TItem>
    where TItem : class, IListed<TItem>
{
    /// <summary>In the server's order; an entry that moved while the pages were read may be there twice.</summary>
    public List<TItem> Items { get; } = [];

    /// <summary>How many there are, by GitHub's word; null if it does not say.</summary>
    public double? Total { get; private set; }

    /// <summary>Entries that could not be understood.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Entries that were shown, understood or not.</summary>
    public int Taken => Items.Count + Unreadable;

    /// <summary>Why the pages after these could not be read; null if they could.</summary>
    public Failure? Broken { get; set; }

    /// <summary>Requests that it took.</summary>
    public int Requests { get; set; }

    /// <summary>Entries of a page, as it could be had: a smaller one than asked for if that one failed.</summary>
    public int PageSize { get; set; }

    /// <summary>There is more, beyond what was wanted.</summary>
    public bool Capped { get; set; }

    /// <summary>Entries are known to be missing, though no more than were wanted.</summary>
    public bool IsPartial => Broken is not null || Unreadable > 0;

    /// <summary>GitHub says that there are some, and shows none.</summary>
    public bool IsHollow => Items.Count == 0 && (Total > 0 || Unreadable > 0);

    public void Add(Page<TItem> page)
    {
        Items.AddRange(page.Items);
        Unreadable += page.Unreadable;
        Total = page.Total ?? Total;
    }

    /// <summary>Why this cannot be taken for the list; null if it can: all pages are there, with some entries if GitHub
    /// says that there are any.</summary>
    /// <param name="what">What it lists, as in "the runners of acme".</param>
    public Failure? Problem(string what) => Broken ?? (IsHollow
        ? Failure.NoAnswer($"{what} were answered with none of {Total + Unreadable}")
        : null);
}
