using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Chart;

/// <summary>A release from its installation to its end, at a real API server.</summary>
public sealed class ReleaseTests(ClusterFixture clusters)
{
    [Fact]
    public async Task AReleaseIsInstalledChangedTakenBackAndRemoved()
    {
        _ = Contract.KubeTools.Helm;
        await using var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Real);
        using var chart = ChartCopy.For(shop.Cluster);
        string[] values =
        [
            "--values", Path.Combine(Helm.Chart, "ci", "quick-start.yaml"), .. chart.Arguments,
        ];
        await HelmAsync(shop, ["install", "tried", chart.Folder, .. values]);
        await UntilPoolAsync(shop, "is there, and valid", p => p is { MaxRunners: 10 });

        await HelmAsync(
            shop, ["upgrade", "tried", chart.Folder, .. values, "--set", "pools.linux.limits.maxRunners=5"]);
        await UntilPoolAsync(shop, "has its new limit", p => p is { MaxRunners: 5 });

        await HelmAsync(shop, ["rollback", "tried", "1"]);
        await UntilPoolAsync(shop, "has its old limit", p => p is { MaxRunners: 10 });

        await HelmAsync(shop, ["uninstall", "tried"]);
        await UntilAsync("the pool is gone", () => Task.FromResult(!shop.Pools.Pools.Any()));
    }

    [Fact]
    public async Task WhoInstallsIsToldOfALevelThatRefuses()
    {
        _ = Contract.KubeTools.Helm;
        // Helm asks what kinds there are: that of the pools has to be one of them.
        await using var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Real);
        var cluster = shop.Cluster;
        using var chart = ChartCopy.For(cluster);
        const string builders = "enforces the Pod Security level restricted, which refuses builders";
        const string profile = "which refuses the DaemonSet with the builders'";
        Assert.DoesNotContain("Pod Security", await NotesAsync(), StringComparison.Ordinal);

        await cluster.Http.PatchAsync($"/api/v1/namespaces/{cluster.Namespace}", Json("""
            {"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"} } }
            """), KubeHttp.MergePatchType, Stop);
        var notes = await NotesAsync();
        Assert.Contains($"WARNING: namespace {cluster.Namespace} of pool linux {builders}", notes);
        Assert.DoesNotContain(profile, notes, StringComparison.Ordinal);
        Assert.DoesNotContain(builders, await NotesAsync("pools.linux.builder.mode=None"), StringComparison.Ordinal);
        Assert.Contains(profile, await NotesAsync($"seccompProfile.namespace={cluster.Namespace}"));

        Task<string> NotesAsync(string more = "replicas=2") => Helm.RunAsync([
            "install", "told", chart.Folder, "--values", Path.Combine(Helm.Chart, "ci", "quick-start.yaml"),
            .. chart.Arguments, "--set", more, "--dry-run=server", "--kubeconfig", cluster.KubeConfigPath,
            "--namespace", cluster.Namespace,
        ]);
    }

    private static Task UntilPoolAsync(NamespaceRig shop, string what, Func<Scaling.Pools.Pool?, bool> holds) =>
        UntilAsync(
        $"the pool {what}", () => Task.FromResult(holds(shop.Pools.Pools.SingleOrDefault()?.Pool)));

    private static Task<string> HelmAsync(NamespaceRig shop, string[] arguments) => Helm.RunAsync(
        [.. arguments, "--kubeconfig", shop.Cluster.KubeConfigPath, "--namespace", shop.Cluster.Namespace]);
}

/// <summary>
/// The chart for the tests' server: where that is older than what is supported, a copy that asks for nothing, and
/// without the one object and the one field that such a server does not know.
/// </summary>
internal sealed class ChartCopy : IDisposable
{
    private readonly DirectoryInfo? folder;

    private ChartCopy(DirectoryInfo? folder) => this.folder = folder;

    public string Folder => folder?.FullName ?? Helm.Chart;

    /// <summary>Without nodes no hook's Job would ever end.</summary>
    public IReadOnlyList<string> Arguments => folder is null
        ? ["--skip-crds", "--set", "crds.apply=false,uninstall.removePools=false"]
        : ["--skip-crds", "--set", "crds.apply=false,uninstall.removePools=false,podDisruptionBudget.enabled=false"];

    public static ChartCopy For(TestCluster cluster) =>
        cluster.Release.IsSupported
            ? new(null)
            : new(Make((_, text) => text.Replace(">=1.33.0-0", ">=1.0.0-0", StringComparison.Ordinal)
                .Replace("      hostUsers: false\n", "", StringComparison.Ordinal)));

    /// <summary>A release of its own, with its version for a tag.</summary>
    public static ChartCopy Of(int release) => new(Make((file, text) => file.EndsWith("Chart.yaml")
        ? string.Join('\n', text.Split('\n').Select(l =>
            l.StartsWith("version:", StringComparison.Ordinal) ? $"version: {release}.0.0"
            : l.StartsWith("appVersion:", StringComparison.Ordinal) ? $"appVersion: \"{release}\"" : l))
        : text));

    private static DirectoryInfo Make(Func<string, string, string> change)
    {
        var copy = Directory.CreateTempSubdirectory("runnerscaler-chart-");
        foreach (var file in Directory.EnumerateFiles(Helm.Chart, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.FullName, Path.GetRelativePath(Helm.Chart, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, change(file, string.Join('\n', File.ReadLines(file)
                .Where(l => !l.StartsWith("kubeVersion:", StringComparison.Ordinal))) + "\n"));
        }
        return copy;
    }

    public void Dispose() => folder?.Delete(recursive: true);
}
