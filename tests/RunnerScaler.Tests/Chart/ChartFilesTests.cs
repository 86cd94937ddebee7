using System.Diagnostics;
using System.Text.RegularExpressions;
using RunnerScaler.Kubernetes;
using RunnerScaler.Tests.Tidy;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Tests.Chart;

/// <summary>What stands in the chart and elsewhere too is the same in both places.</summary>
public sealed partial class ChartFilesTests
{
    private const string Chart = "deploy/chart";

    /// <summary>The chart has one source of rights; deploy/rbac.yaml is for those who do not use Helm.</summary>
    [Theory]
    [InlineData("pools", "ClusterRole", "runnerscaler-pools")]
    [InlineData("cluster", "ClusterRole", "runnerscaler-cluster")]
    [InlineData("own", "Role", "runnerscaler")]
    public void RightsAreThoseOfTheManifest(string key, string kind, string name)
    {
        var rules = (YamlMappingNode)Read($"{Chart}/files/rules.yaml").Single();
        var role = Read("deploy/rbac.yaml").Single(o => Text(o, "kind") == kind && Text(o["metadata"], "name") == name);

        Assert.Equal(Rules(role["rules"]), Rules(rules[key]));
    }

    [Fact]
    public void TheBuildersImageIsTheControllersDefault() => Assert.Equal(
        new KubernetesOptions().BuilderImage, File.ReadAllText(Path($"{Chart}/files/builder-image.txt")).Trim());

    [Theory]
    [InlineData("crds/runnerpools.yaml", "deploy/crds/runnerpools.yaml")]
    [InlineData("files/seccomp.json", "deploy/builder/seccomp.json")]
    public void WhatTheChartLinksToIsThere(string link, string file) =>
        Assert.Equal(File.ReadAllText(Path(file)), File.ReadAllText(Path($"{Chart}/{link}")));

    [Fact]
    public void TheVersionIsTheProjects()
    {
        var chart = Read($"{Chart}/Chart.yaml").Single();
        var version = Repository.Files.Single(f => f.Path == "Directory.Build.props").Text
            .Split("<Version>")[1].Split("</Version>")[0];

        Assert.Equal((version, version), (Text(chart, "version"), Text(chart, "appVersion")));
    }

    /// <summary>A value that no template knows would be taken, and do nothing.</summary>
    [Fact]
    public void TemplatesUseEveryValueAndNoOther()
    {
        var values = ValueName().Matches(File.ReadAllText(Path($"{Chart}/values.yaml"))).Select(m => m.Groups[1].Value)
            .ToArray();
        var templates = string.Join(
            '\n', Directory.EnumerateFiles(Path($"{Chart}/templates")).Select(File.ReadAllText));
        var used = UsedValue().Matches(templates).Select(m => m.Groups[1].Value).Distinct().ToArray();

        Assert.True(values.Length > 60 && used.Length > 30);
        Assert.DoesNotContain(used, u => !values.Any(v => IsWithin(v, u) || IsWithin(u, v)));
        Assert.DoesNotContain(values, v => !used.Any(u => u == v || (IsWithin(v, u) && MentionsLeaf(v))));

        bool MentionsLeaf(string value) =>
            Regex.IsMatch(templates, $@"(\.|\$|""){value.Split('.')[^1]}\b")
            || value.EndsWith("Secret", StringComparison.Ordinal);
    }

    private static bool IsWithin(string path, string outer) =>
        path == outer || path.StartsWith(outer + ".", StringComparison.Ordinal);

    [GeneratedRegex(@"# @param (\S+) ")]
    private static partial Regex ValueName();

    [GeneratedRegex(@"\.Values\.([A-Za-z]+(?:\.[A-Za-z]+)*)")]
    private static partial Regex UsedValue();

    [Theory]
    [InlineData("deploy/chart/generate.mjs")]
    [InlineData("deploy/dashboards/generate.mjs")]
    public void WhatIsGeneratedIsUpToDate(string generator)
    {
        using var node = Start("node", Path(generator), "--check");
        var complaint = node.StandardError.ReadToEnd();
        node.WaitForExit();

        Assert.True(node.ExitCode == 0, complaint);
    }

    private static Process Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not on PATH");
            throw;
        }
    }

    private static string Path(string file) => System.IO.Path.Combine(Repository.Root, file);

    private static IEnumerable<YamlNode> Read(string file)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(Path(file));
        yaml.Load(reader);
        return yaml.Documents.Select(d => d.RootNode);
    }

    private static string Text(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static string[] Rules(YamlNode rules) =>
        [.. ((YamlSequenceNode)rules).Select(r => r.ToString()).Order(StringComparer.Ordinal)];
}
