using RunnerImage.Entrypoint;
using RunnerImage.Metrics;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Metrics;

/// <summary>Holds the section "In the pod" of <c>docs/metrics.md</c> and the page together.</summary>
public sealed class MetricsDocumentTests
{
    [Fact]
    public void TheTableIsWhatAScraperSees()
    {
        var second = TimeSpan.FromSeconds(1);
        var phases = new Phases { Builder = second, Claim = second, Listener = second };
        var page = MetricsPage.Render(true, phases, [new(BuildCommand.Build, BuildResult.Success, second, 1, 1)])
            .Split('\n');
        var help = page.Where(l => l.StartsWith("# HELP ", StringComparison.Ordinal)).Select(l => l[7..]);
        var type = page.Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l[7..]);

        Assert.Equal(Documented(), help.Zip(type, (h, t) => (h.Split(' ', 2)[0], t.Split(' ')[1], h.Split(' ', 2)[1])));
    }

    private static IEnumerable<(string Name, string Type, string Help)> Documented() =>
        from line in File.ReadAllText(Path.Combine(Root(), "docs", "metrics.md")).Split("## In the pod")[1].Split('\n')
        where line.StartsWith("| `", StringComparison.Ordinal)
        let cells = line.Split('|').Select(c => c.Trim()).ToArray()
        select (MetricsPage.Prefix + cells[1].Trim('`'), cells[2], cells[5]);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RunnerScaler.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("RunnerScaler.sln");
        return folder;
    }
}
