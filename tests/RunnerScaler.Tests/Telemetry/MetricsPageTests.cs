using Prometheus;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Telemetry;

namespace RunnerScaler.Tests.Telemetry;

/// <summary>Holds <c>docs/metrics.md</c> and the code together.</summary>
public sealed class MetricsPageTests
{
    private static readonly string page = Page.Read("metrics.md");

    [Fact]
    public async Task TheTableIsExactlyWhatAScraperSees()
    {
        var registry = Metrics.NewCustomRegistry();
        var metrics = new ScalerMetrics(registry, "1.2.3", TimeProvider.System);
        Occurrences.Each(metrics, Occurrences.Linux, Occurrences.Account);

        var shown = await Exposition.OfAsync(registry);

        Assert.Equal(Documented().OrderBy(row => row.Name), shown.Metrics().OrderBy(row => row.Name));
    }

    [Fact]
    public void NamesFollowTheConventions()
    {
        foreach (var (name, type, _, _) in Documented())
        {
            Assert.StartsWith("runnerscaler_", name);
            Assert.Equal(type == "counter", name.EndsWith("_total", StringComparison.Ordinal));
            Assert.True(type != "histogram" || name.EndsWith("_seconds", StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public void EveryValueOfABoundedLabelIsDocumented()
    {
        string[] words =
        [
            .. Enum.GetNames<WaitReason>(),
            .. Enum.GetNames<OutcomeKind>(),
            .. Enum.GetNames<RefusalReason>(),
            .. Enum.GetNames<RunnerPhase>().Select(name => name.ToLowerInvariant()),
        ];
        Assert.All(words, word => Assert.Contains($"`{word}`", page, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Name, string Type, string Help, string Labels)> Documented() =>
        from line in page.Split('\n')
        where line.StartsWith("| `runnerscaler_", StringComparison.Ordinal)
        let cells = line.Split('|').Select(cell => cell.Trim()).ToArray()
        select (Bare(cells[1]), cells[2], cells[5], Bare(cells[4]));

    private static string Bare(string cell) => cell.Replace("`", "", StringComparison.Ordinal);
}
