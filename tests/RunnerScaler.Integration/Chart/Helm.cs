using RunnerScaler.Integration.Contract;
using RunnerScaler.RealCluster;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Integration.Chart;

/// <summary>The real helm on the repository's chart.</summary>
internal static class Helm
{
    /// <summary>The chart's folder.</summary>
    public static string Chart { get; } = Path.Combine(FindRoot(), "deploy", "chart");

    /// <summary>The files of values that the chart is tried with.</summary>
    public static IEnumerable<string> Samples => Directory.EnumerateFiles(Path.Combine(Chart, "ci"), "*.yaml");

    /// <exception cref="InvalidOperationException">helm refuses; the message has its words.</exception>
    public static Task<string> RunAsync(params IEnumerable<string> arguments) =>
        Command.RunAsync(KubeTools.Helm, arguments);

    /// <summary>The objects that a release called <c>runnerscaler</c> would have.</summary>
    public static async Task<IReadOnlyList<YamlNode>> RenderAsync(params IEnumerable<string> arguments)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(await RunAsync(
            ["template", "runnerscaler", Chart, "--namespace", "runnerscaler", .. arguments])));
        return [.. yaml.Documents.Select(d => d.RootNode).OfType<YamlMappingNode>()];
    }

    /// <summary>The text at a path of keys and numbers; null if there is none.</summary>
    public static string? At(this YamlNode node, params object[] path)
    {
        YamlNode? at = node;
        foreach (var step in path)
            at = (at, step) switch
            {
                (YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? value : null,
                (YamlSequenceNode list, int index) when index < list.Children.Count => list[index],
                _ => null,
            };
        return (at as YamlScalarNode)?.Value;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RunnerScaler.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No RunnerScaler.sln above {AppContext.BaseDirectory}.");
    }
}
