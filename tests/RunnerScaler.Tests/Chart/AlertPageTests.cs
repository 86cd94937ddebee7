using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Tests.Chart;

/// <summary>Holds the alerts, their tests, their runbooks and the metrics that they read together.</summary>
public sealed partial class AlertPageTests
{
    private static readonly YamlMappingNode[] rules = [.. Rules()];

    private static readonly string[] names = [.. rules.Select(r => Text(r, "alert"))];

    [Fact]
    public void EachAlertHasASectionAndEachSectionAnAlert() => Assert.Equal(
        names.Order(StringComparer.Ordinal),
        Headings().Matches(Page.Read("runbooks.md")).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void EachSectionSaysWhatItMeansWhyWhereToLookAndWhatToDo()
    {
        var sections = Headings().Split(Page.Read("runbooks.md"));
        foreach (var (name, text) in sections.Skip(1).Chunk(2).Select(pair => (pair[0], pair[1])))
            foreach (var part in (string[])["**Meaning.**", "ikely causes", "ook at", "o.**"])
                Assert.True(text.Contains(part, StringComparison.Ordinal), $"{name} lacks '{part}'");
    }

    [Fact]
    public void EachAlertLeadsToItsSection()
    {
        foreach (var rule in rules)
        {
            Assert.EndsWith(
                $"/docs/runbooks.md#{Text(rule, "alert").ToLowerInvariant()}",
                Text(rule["annotations"], "runbook_url"), StringComparison.Ordinal);
            Assert.NotEmpty(Text(rule["annotations"], "summary"));
            Assert.NotEmpty(Text(rule["annotations"], "description"));
            Assert.Contains(Text(rule["labels"], "severity"), (string[])["critical", "warning"]);
        }
    }

    [Fact]
    public void EachAlertIsMadeToFire()
    {
        var tests = Read("tests/RunnerScaler.Integration/Monitoring/alerts.test.yaml");
        foreach (var name in names)
            Assert.Contains($"exp_samples: [{{labels: '{{alertname=\"{name}\"}}'", tests, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatDashboardsAndAlertsReadIsDocumented()
    {
        var page = Page.Read("metrics.md");
        var texts = Directory.EnumerateFiles(Path("deploy/chart/dashboards"), "*.json").Select(File.ReadAllText)
            .Append(Read("deploy/chart/files/alerts.yaml")).Append(Page.Read("runbooks.md"));
        var read = texts.SelectMany(t => Metric().Matches(t)).Select(m => m.Value).Distinct().ToArray();
        Assert.Contains("runnerscaler_jobs_unserved", read);
        Assert.All(read, name => Assert.Contains(
            $"| `{Suffix().Replace(name, "")}` |", page, StringComparison.Ordinal));
    }

    private static IEnumerable<YamlMappingNode> Rules()
    {
        var yaml = new YamlStream();
        using var reader = new StringReader(Read("deploy/chart/files/alerts.yaml"));
        yaml.Load(reader);
        return from @group in (YamlSequenceNode)yaml.Documents[0].RootNode["groups"]
               from rule in (YamlSequenceNode)@group["rules"]
               select (YamlMappingNode)rule;
    }

    private static string Path(string file) => System.IO.Path.Combine(Tidy.Repository.Root, file);

    private static string Read(string file) => File.ReadAllText(Path(file));

    private static string Text(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex("runnerscaler_[a-z_]+")]
    private static partial Regex Metric();

    /// <summary>What a histogram's series end with.</summary>
    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Suffix();
}
