using System.Text.RegularExpressions;
using RunnerScaler.Integration.Chart;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Integration.Monitoring;

/// <summary>Every query that the chart brings has data, in a real Prometheus that has scraped a run.</summary>
public sealed partial class QueryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task EveryPanelAnnotationVariableAndAlertHasData()
    {
        await using var run = await WatchedRun.StartAsync();
        var start = TimeProvider.System.GetTimestamp();
        var missing = await MissingAsync(run.Prometheus);
        while (missing.Count > 0 && TimeProvider.System.GetElapsedTime(start) < Patience)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            missing = await MissingAsync(run.Prometheus);
        }
        Assert.True(missing.Count == 0, $"{missing.Count} without data:\n{string.Join('\n', missing)}");
        Assert.Equal(0, await run.Prometheus.SeriesAsync("runnerscaler_runners{state=\"nonsense\"}"));
        Assert.Equal(0, await run.Prometheus.SeriesAsync("0 * vector(NaN)"));
    }

    private static async Task<IReadOnlyList<string>> MissingAsync(PrometheusServer prometheus)
    {
        var missing = new List<string>();
        foreach (var dashboard in Dashboard.ReadAll(Path.Combine(Helm.Chart, "dashboards")))
            await LookAtAsync(prometheus, dashboard, missing);
        foreach (var (alert, expression) in Alerts())
        {
            await prometheus.SeriesAsync(expression);
            foreach (var selector in Selector().Matches(expression).Select(m => m.Value).Distinct())
                if (await prometheus.SeriesAsync(selector) == 0)
                    missing.Add($"alert {alert}: {selector}");
        }
        return missing;
    }

    private static async Task LookAtAsync(PrometheusServer prometheus, Dashboard dashboard, List<string> missing)
    {
        var values = dashboard.Constants.ToDictionary(c => c.Name, c => c.Value);
        foreach (var (name, expression, label) in dashboard.Variables)
        {
            var found = await prometheus.LabelValuesAsync(Fill(expression, values), label);
            if (found.Count == 0)
                missing.Add($"{dashboard.Name}, variable '{name}': {expression}");
            values[name] = Chosen(found);
        }
        foreach (var (where, expression, isInstant) in dashboard.Queries)
            if (await prometheus.SeriesAsync(Fill(expression, values), isInstant) == 0)
                missing.Add($"{where}: {Fill(expression, values)}");
    }

    /// <summary>All values, as Grafana writes them into a query.</summary>
    private static string Chosen(IReadOnlyList<string> values) =>
        $"({string.Join('|', values.Select(v => Special().Replace(v, @"\\$0")))})";

    private static string Fill(string expression, IReadOnlyDictionary<string, string> values)
    {
        var filled = values.OrderByDescending(v => v.Key.Length)
            .Aggregate(expression, (text, v) => text.Replace($"${v.Key}", v.Value, StringComparison.Ordinal));
        return filled.Replace("$__rate_interval", "15s", StringComparison.Ordinal)
            .Replace("$__range", "5m", StringComparison.Ordinal);
    }

    private static IEnumerable<(string Alert, string Expression)> Alerts()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Helm.Chart, "files", "alerts.yaml"));
        yaml.Load(reader);
        return from @group in (YamlSequenceNode)yaml.Documents[0].RootNode["groups"]
               from rule in (YamlSequenceNode)@group["rules"]
               select (rule.At("alert")!, rule.At("expr")!);
    }

    [GeneratedRegex(@"runnerscaler_\w+(\{[^}]*\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"[.*+?^${}()|\[\]\\]")]
    private static partial Regex Special();
}
