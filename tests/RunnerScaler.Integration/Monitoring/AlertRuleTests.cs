using RunnerScaler.Integration.Chart;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Monitoring;

/// <summary>The alerts, as promtool sees them.</summary>
public sealed class AlertRuleTests
{
    private static string Rules => Path.Combine(Helm.Chart, "files", "alerts.yaml");

    [Fact]
    public async Task TheRulesAreRulesOfPrometheus() => Assert.Contains(
        "rules found",
        await Command.RunAsync(PrometheusTools.Promtool, "check", "rules", "--lint=all", "--lint-fatal", Rules),
        StringComparison.Ordinal);

    [Fact]
    public async Task EachAlertFiresWhenItShouldAndNoneWhenAllIsWell()
    {
        var tests = Path.GetFullPath(Path.Combine(
            Helm.Chart, "..", "..", "tests", "RunnerScaler.Integration", "Monitoring", "alerts.test.yaml"));
        Assert.Contains(
            "SUCCESS", await Command.RunAsync(PrometheusTools.Promtool, "test", "rules", tests),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheChartMakesOfThemIsRulesToo()
    {
        var promtool = PrometheusTools.Promtool;
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "everything.yaml"));
        var rule = Assert.Single(objects, o => o.At("kind") == "PrometheusRule");
        var file = Path.GetTempFileName();
        try
        {
            var spec = new YamlDotNet.Serialization.SerializerBuilder().Build().Serialize(rule["spec"]);
            await File.WriteAllTextAsync(file, spec, TestContext.Current.CancellationToken);
            await Command.RunAsync(promtool, "check", "rules", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
