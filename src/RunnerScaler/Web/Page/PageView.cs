using System.Collections.Immutable;
using RunnerScaler.Explaining;

namespace RunnerScaler.Web.Page;

/// <summary>The status page as one reader sees it at one moment, in the pieces that can change by themselves.</summary>
internal sealed record PageView
{
    public static readonly PageView Empty = new()
    {
        Version = "",
        At = DateTimeOffset.UnixEpoch,
        Parts = [],
        Lists = [],
    };

    /// <summary>Names it among all views of this process.</summary>
    public required string Version { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Pieces that are replaced whole.</summary>
    public required ImmutableArray<(string Name, Html Content)> Parts { get; init; }

    /// <summary>Pieces that are replaced row by row.</summary>
    public required ImmutableArray<(string Name, ImmutableArray<PageRow> Rows)> Lists { get; init; }

    public static PageView Of(OverviewAnswer now, string version) => new()
    {
        Version = version,
        At = now.Now,
        Parts =
        [
            ("summary", PageParts.Summary(now)),
            ("problems", PageParts.Problems(now)),
            ("pools", PageParts.Pools(now)),
            ("reasons", PageParts.Reasons(now)),
            ("phases", PhaseChart.Of(now.Phases)),
            ("budget", PageParts.Budget(now)),
            ("queue-count", PageParts.Count("jobs wait", now.Queue.Shown.Length, now.Queue.All)),
            ("runners-count", PageParts.Count("runners", now.Runners.Shown.Length, now.Runners.All)),
            ("ended-count", PageParts.Count(
                "runners are remembered", now.Ended.Shown.Length, now.Ended.All,
                "the latest, and those that ended badly,")),
        ],
        Lists =
        [
            ("queue", RowsOf(now.Queue, row => row.Key, Tables.Of)),
            ("runners", RowsOf(now.Runners, row => row.Key, Tables.Of)),
            ("ended", RowsOf(now.Ended, row => row.Key, Tables.Of)),
        ],
    };

    public Html Part(string name) => Parts.First(p => p.Name == name).Content;

    /// <summary>The rows of a list; none if it is not there.</summary>
    public ImmutableArray<PageRow> List(string name) =>
        [.. Lists.Where(l => l.Name == name).SelectMany(l => l.Rows)];

    private static ImmutableArray<PageRow> RowsOf<T>(Rows<T> rows, Func<T, string> key, Func<T, Html> content) =>
        [.. rows.Shown.DistinctBy(key).Select(row => new PageRow(key(row), content(row)))];

    /// <summary>Whether somebody who looks at both sees the same.</summary>
    public bool IsSame(PageView other) =>
        Parts.SequenceEqual(other.Parts)
        && Lists.Length == other.Lists.Length
        && Lists.Zip(other.Lists).All(l => l.First.Name == l.Second.Name && l.First.Rows.SequenceEqual(l.Second.Rows));
}

/// <summary>A row of a table.</summary>
/// <param name="Key">Names it in its table.</param>
/// <param name="Content">The row itself.</param>
internal sealed record PageRow(string Key, Html Content);
