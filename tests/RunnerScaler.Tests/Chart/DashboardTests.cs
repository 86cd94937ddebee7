using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Chart;

/// <summary>The chart's dashboards can be read by people, and by Grafana.</summary>
public sealed partial class DashboardTests
{
    private const string Chosen = "{namespace=~\"$namespace\",pool=~\"$pool\"";

    private static readonly JsonNode[] dashboards =
    [
        .. Directory.EnumerateFiles(Path.Combine(Tidy.Repository.Root, "deploy/chart/dashboards"), "*.json")
            .Order(StringComparer.Ordinal).Select(f => JsonNode.Parse(File.ReadAllText(f))!),
    ];

    /// <summary>Links lead to these, so they stay.</summary>
    [Fact]
    public void AddressesStay() => Assert.Equal(
        ["runnerscaler-builds-and-pods", "runnerscaler-fleet", "runnerscaler-github", "runnerscaler-scaling"],
        dashboards.Select(d => (string?)d["uid"]));

    [Fact]
    public void EachPanelSaysWhatItShowsInWhatUnit()
    {
        foreach (var panel in dashboards.SelectMany(Panels).Where(p => p["targets"] is not null))
        {
            var title = (string?)panel["title"];
            Assert.True(((string?)panel["description"])?.Length > 15, $"'{title}' has no description");
            Assert.True(HasUnit(panel), $"'{title}' has no unit");
            Assert.All(
                panel["targets"]!.AsArray(), t => Assert.Equal("${datasource}", (string?)t!["datasource"]!["uid"]));
        }
    }

    [Fact]
    public void EachNumberHasThresholds() => Assert.All(
        dashboards.SelectMany(Panels).Where(p => (string?)p["type"] == "stat"),
        p => Assert.NotEmpty(p["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]!.AsArray()));

    [Fact]
    public void NoPanelLiesOverAnother()
    {
        foreach (var dashboard in dashboards)
        {
            var taken = new HashSet<(int X, int Y)>();
            Assert.Distinct(Panels(dashboard).Select(p => (int)p["id"]!));
            foreach (var panel in dashboard["panels"]!.AsArray())
                foreach (var cell in Cells(panel!["gridPos"]!))
                    Assert.True(cell.X < 24 && taken.Add(cell), $"'{panel["title"]}' of {dashboard["uid"]} at {cell}");
        }
    }

    /// <summary>What belongs to a pool follows the choice at the top.</summary>
    [Fact]
    public void QueriesOfPoolsAreOfTheChosenOnes()
    {
        var ofPools = Page.Read("metrics.md").Split('\n')
            .Where(l => l.StartsWith("| `runnerscaler_", StringComparison.Ordinal) && l.Contains("`namespace`, `pool`"))
            .Select(l => l.Split('`')[1]).ToArray();
        Assert.NotEmpty(ofPools);
        foreach (var query in dashboards.SelectMany(Panels).SelectMany(Queries))
            foreach (Match selector in Selector().Matches(query))
                if (ofPools.Contains(Suffix().Replace(selector.Groups[1].Value, "")))
                    Assert.StartsWith(Chosen, selector.Groups[2].Value, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Panels(JsonNode dashboard) => dashboard["panels"]!.AsArray()
        .SelectMany(p => new[] { p! }.Concat(p!["panels"]?.AsArray().Select(inner => inner!) ?? []));

    private static IEnumerable<string> Queries(JsonNode panel) =>
        panel["targets"]?.AsArray().Select(t => (string)t!["expr"]!) ?? [];

    private static bool HasUnit(JsonNode panel) => (string?)panel["type"] switch
    {
        "heatmap" => panel["options"]!["yAxis"]!["unit"] is not null,
        "state-timeline" => panel["fieldConfig"]!["defaults"]!["mappings"]!.AsArray().Count > 0,
        "table" => panel["fieldConfig"]!["overrides"]!.AsArray().All(
            o => o!["properties"]!.AsArray().Any(p => (string?)p!["id"] == "unit")),
        _ => panel["fieldConfig"]!["defaults"]!["unit"] is not null,
    };

    private static IEnumerable<(int X, int Y)> Cells(JsonNode at) =>
        from x in Enumerable.Range((int)at["x"]!, (int)at["w"]!)
        from y in Enumerable.Range((int)at["y"]!, (int)at["h"]!)
        select (x, y);

    [GeneratedRegex(@"(runnerscaler_\w+)(\{[^}]*\})?")]
    private static partial Regex Selector();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Suffix();
}
