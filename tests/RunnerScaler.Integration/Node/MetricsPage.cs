using System.Globalization;

namespace RunnerScaler.Integration.Node;

/// <summary>The controller's metrics, as a scraper reads them.</summary>
internal sealed class MetricsPage(Uri web)
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The sum of the series of a name that have all the labels; 0 if there is none.</summary>
    public async Task<double> SumAsync(string name, params (string Label, string Value)[] labels)
    {
        var text = await Client.GetStringAsync(new Uri(web, "/metrics"), TestContext.Current.CancellationToken);
        return text.Split('\n')
            .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal)
                && labels.All(l => line.Contains($"{l.Label}=\"{l.Value}\"", StringComparison.Ordinal)))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>How many runners of a pool have gone with an outcome.</summary>
    public Task<double> ExitsAsync(string pool, string outcome) =>
        SumAsync("runnerscaler_runner_exits_total", ("pool", pool), ("outcome", outcome));
}
