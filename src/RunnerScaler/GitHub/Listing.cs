using System.Text.Json;

namespace RunnerScaler.GitHub;

/// <summary>A thing that GitHub lists.</summary>
internal interface IListed<TSelf>
    where TSelf : class, IListed<TSelf>
{
    /// <summary>The member of a page that holds the list, where a page is an object.</summary>
    static abstract string ListName { get; }

    /// <summary>
    /// Reads one as leniently as can be: what is missing, or of another kind than it should be, is null. Null if it
    /// lacks what tells it from others. Never throws.
    /// </summary>
    static abstract TSelf? Read(JsonElement entry);
}

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

/// <summary>
/// A list as far as it could be read: what is wrong with a part of it does not hide the rest, but is said.
/// </summary>
internal sealed class Listing<TItem>
{
    /// <summary>In the server's order; an entry that moved while the pages were read may be there twice.</summary>
    public List<TItem> Items { get; } = [];

    /// <summary>How many there are, by GitHub's word; null if it does not say.</summary>
    public double? Total { get; set; }

    /// <summary>Entries that could not be understood.</summary>
    public int Unreadable { get; set; }

    /// <summary>Why the pages after these could not be read; null if they could.</summary>
    public Exception? Broken { get; set; }

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

    /// <exception cref="Exception">What kept the rest from being read.</exception>
    /// <exception cref="Http.UnusableAnswerException">It shows none of some.</exception>
    public List<TItem> OrThrow(string what)
    {
        if (Broken is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Broken);
        return IsHollow
            ? throw new Http.UnusableAnswerException($"{what} were answered with none of {Total + Unreadable}")
            : Items;
    }
}
