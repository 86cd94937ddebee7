using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Cluster.Store;
using YamlDotNet.Serialization;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>What people apply is taken by a real API server.</summary>
public sealed class ManifestTests(ClusterFixture clusters)
{
    private static readonly Dictionary<string, string> Paths = new(StringComparer.Ordinal)
    {
        ["Namespace"] = "/api/v1/namespaces",
        ["ServiceAccount"] = "/api/v1/namespaces/{0}/serviceaccounts",
        ["DaemonSet"] = "/apis/apps/v1/namespaces/{0}/daemonsets",
        ["Role"] = "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/roles",
        ["RoleBinding"] = "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/rolebindings",
        ["ClusterRole"] = "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        ["ClusterRoleBinding"] = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    };

    [Theory]
    [InlineData("deploy/rbac.yaml", 8)]
    [InlineData("deploy/builder/namespace.yaml", 1)]
    [InlineData("deploy/builder/daemonset.yaml", 1)]
    [InlineData("deploy/examples/deploy-rbac.yaml", 3)]
    public async Task AManifestIsAccepted(string file, int objects)
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Real);
        var all = Read(file).ToList();
        Assert.Equal(objects, all.Count);
        foreach (var entry in all)
        {
            var kind = entry.Text("kind")!;
            var ns = entry.Text("metadata", "namespace") ?? "runnerscaler-nodes";
            if (Paths[kind].Contains("{0}", StringComparison.Ordinal))
                await MakeNamespaceAsync(cluster, ns);
            // Another manifest's trial may have made the namespace already.
            if (kind == "Namespace")
                entry["metadata"]!["name"] = $"{cluster.Namespace}-nodes";
            var path = Paths[kind].Replace("{0}", ns, StringComparison.Ordinal);
            var answer = await cluster.Http.PostAsync($"{path}?dryRun=All", entry, Stop);
            Assert.Equal(entry.Text("metadata", "name"), answer.Text("metadata", "name"));
        }
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

    private static IEnumerable<JsonObject> Read(string file)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RunnerScaler.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no RunnerScaler.sln above");
        var documents = File.ReadAllText(Path.Combine(folder, file)).Split("\n---\n");
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var writer = new SerializerBuilder().JsonCompatible().Build();
        return documents.Select(d => Json(writer.Serialize(reader.Deserialize(d)!)));
    }
}
