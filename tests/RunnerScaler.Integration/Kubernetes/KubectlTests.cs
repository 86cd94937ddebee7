using System.Collections.Immutable;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Contract;
using RunnerScaler.RealCluster;
using RunnerScaler.Scaling.Pools;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>What people do to pools with the real kubectl.</summary>
public sealed class KubectlTests(ClusterFixture clusters)
{
    [Fact]
    public async Task APoolIsListedWithItsColumns()
    {
        await using var shop = await OpenAsync();
        var report = new PoolReport
        {
            Generation = 1,
            Conditions = [new PoolCondition("Ready", true, "Serving", "The pool serves its jobs.")],
            Runners = new RunnerCounts(1, 2, 0, 3, 0),
            Jobs = new JobCounts(9, 3, 6),
            Unserved = ImmutableDictionary<WaitReason,
                int>.Empty.Add(WaitReason.Creating, 1).Add(WaitReason.PoolFull, 5),
        };
        Assert.True(await shop.Pools.ReportAsync(shop.Key(), report, Stop));
        var table = await RunAsync(shop, "get", "rp", "-o", "wide");
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "NAME", "READY", "MAX", "RUNNERS", "BUSY", "STANDBY", "QUEUED", "UNSERVED", "AGE", "REASON",
                "JOBS-WAIT-FOR", "STARTING", "SERVES", "LABELS",
            ],
            Words(lines[0]));
        var cells = Words(lines[1]);
        Assert.Equal(["linux", "True", "20", "6", "3", "2", "9", "6"], cells[..8]);
        Assert.Equal(["Serving", "PoolFull", "1"], cells[9..12]);
        Assert.StartsWith("https://", cells[12], StringComparison.Ordinal);
        Assert.StartsWith("[\"", cells[13], StringComparison.Ordinal);
        await RunAsync(shop, "wait", "--for=condition=Ready", "rp/linux", "--timeout=30s");
    }

    [Fact]
    public async Task APoolIsScaledAsADeploymentIs()
    {
        await using var shop = await OpenAsync();
        await RunAsync(shop, "scale", "rp/linux", "--replicas=7", "--current-replicas=20");
        await UntilAsync(
            "the new limit is known", () => Task.FromResult(shop.Pools.Pools.Single().Pool!.MaxRunners == 7));
    }

    private async Task<NamespaceRig> OpenAsync()
    {
        _ = KubeTools.Kubectl;
        var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Real);
        await shop.AddPoolAsync();
        return shop;
    }

    private static Task<string> RunAsync(NamespaceRig shop, params IEnumerable<string> arguments) => Command.RunAsync(
        KubeTools.Kubectl,
        [
            $"--kubeconfig={shop.Cluster.KubeConfigPath}", $"--namespace={shop.Cluster.Namespace}",
            // What it finds out about servers it would keep in the home folder.
            $"--cache-dir={Path.Combine(Path.GetDirectoryName(shop.Cluster.KubeConfigPath)!, "kubectl")}",
            .. arguments,
        ]);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
