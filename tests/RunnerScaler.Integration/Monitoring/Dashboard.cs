using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunnerScaler.Integration.Monitoring;

/// <summary>A query of a dashboard.</summary>
/// <param name="Where">Dashboard and panel.</param>
/// <param name="Expression">PromQL with Grafana's variables.</param>
/// <param name="Instant">Whether the panel shows the present only.</param>
internal sealed record DashboardQuery(string Where, string Expression, bool Instant);

/// <summary>A dashboard of the chart, as far as its queries go.</summary>
internal sealed partial class Dashboard(string name, JsonNode root)
{
    public string Name => name;

    /// <summary>All panels, those in rows included, and the rows.</summary>
    public IEnumerable<JsonNode> Panels =>
        root["panels"]!.AsArray().SelectMany(p => new[] { p! }.Concat(p!["panels"]?.AsArray().Select(i => i!) ?? []));

    /// <summary>Panels, and annotations.</summary>
    public IEnumerable<DashboardQuery> Queries =>
    [
        .. from panel in Panels
           from target in panel["targets"]?.AsArray() ?? []
           select new DashboardQuery(
               $"{name}, panel '{panel["title"]}'", (string)target["expr"]!, (bool?)target["instant"] == true),
        .. from annotation in root["annotations"]!["list"]!.AsArray()
           select new DashboardQuery($"{name}, annotation '{annotation["name"]}'", (string)annotation["expr"]!, false),
    ];

    /// <summary>The variables that Prometheus is asked for: name, expression, label.</summary>
    public IEnumerable<(string Name, string Expression, string Label)> Variables =>
        from variable in root["templating"]!["list"]!.AsArray()
        where (string?)variable["type"] == "query"
        let call = LabelValues().Match((string)variable["query"]!["query"]!)
        select ((string)variable["name"]!, call.Groups[1].Value, call.Groups[2].Value);

    /// <summary>The variables that have a value of their own: name and value.</summary>
    public IEnumerable<(string Name, string Value)> Constants =>
        from variable in root["templating"]!["list"]!.AsArray()
        where (string?)variable["type"] == "custom"
        select ((string)variable["name"]!, (string)variable["current"]!["value"]!);

    public static IReadOnlyList<Dashboard> ReadAll(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.json").Order().Select(f =>
            new Dashboard(Path.GetFileNameWithoutExtension(f), JsonNode.Parse(File.ReadAllText(f))!)),
    ];

    [GeneratedRegex(@"^label_values\((.+), (\w+)\)$")]
    private static partial Regex LabelValues();
}
