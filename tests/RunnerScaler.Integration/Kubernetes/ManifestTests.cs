using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Examples;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>What people apply is taken by a real API server.</summary>
public sealed class ManifestTests(ClusterFixture clusters)
{
    [Theory]
    [InlineData("deploy/rbac.yaml", 8)]
    [InlineData("deploy/builder/namespace.yaml", 1)]
    [InlineData("deploy/builder/daemonset.yaml", 1)]
    [InlineData("deploy/examples/deploy-rbac.yaml", 3)]
    public async Task AManifestIsAccepted(string file, int objects)
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Real);
        var all = Manifest.Read(file, "runnerscaler-nodes").ToList();
        Assert.Equal(objects, all.Count);
        foreach (var (path, ns, entry) in all)
        {
            if (ns is not null)
                await MakeNamespaceAsync(cluster, ns);
            // Another manifest's trial may have made the namespace already.
            if (entry.Text("kind") == "Namespace")
                entry["metadata"]!["name"] = $"{cluster.Namespace}-nodes";
            var answer = await cluster.Http.PostAsync($"{path}?dryRun=All", entry, Stop);
            Assert.Equal(entry.Text("metadata", "name"), answer.Text("metadata", "name"));
        }
    }

    [Fact]
    public async Task TheAppArmorProfileIsTakenByItsParser()
    {
        const string parser = "/usr/sbin/apparmor_parser";
        Assert.SkipUnless(File.Exists(parser), "this needs apparmor_parser, of Debian's package apparmor");
        var profile = Path.Combine(Example.Root, "deploy/builder/apparmor-profile.txt");
        await Command.RunAsync(parser, "--skip-kernel-load", "--skip-cache", profile);
        var broken = Path.GetTempFileName();
        var text = (await File.ReadAllTextAsync(profile, Stop)).Replace("mount,", "mounts,", StringComparison.Ordinal);
        await File.WriteAllTextAsync(broken, text, Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Command.RunAsync(parser, "--skip-kernel-load", "--skip-cache", broken));
        File.Delete(broken);
    }

    private static async Task MakeNamespaceAsync(TestCluster cluster, string name)
    {
        try
        {
            await cluster.Http.PostAsync("/api/v1/namespaces", Named(name), Stop);
        }
        catch (KubeFailure failure) when (failure.Reason == "AlreadyExists")
        {
            // An object before it was in the same one.
        }
    }
}
