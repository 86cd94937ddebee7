using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Chart;

/// <summary>A real API server takes every object that the chart makes of its samples, by a dry run.</summary>
public sealed class ObjectTests(ClusterFixture clusters, ITestOutputHelper output)
{
    /// <summary>Of the Prometheus Operator and the Gateway API, which are not here.</summary>
    private static readonly string[] OfOthers = ["HTTPRoute", "PodMonitor", "PrometheusRule", "ServiceMonitor"];

    [Fact]
    public async Task ARealApiServerTakesThem()
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Real);
        var (taken, unknown) = (0, new List<string>());
        foreach (var sample in Helm.Samples)
            foreach (var manifest in await RenderAsync(sample))
                if (await PathAsync(shop, manifest) is not { } path)
                    unknown.Add(manifest.Text("kind")!);
                else
                {
                    // Other tests share this server, and what they made outside of namespaces has the samples' names.
                    if (!manifest["metadata"]!.AsObject().Remove("namespace"))
                        manifest["metadata"]!["name"] = $"{manifest["metadata"].Text("name")}-{shop.Cluster.Namespace}";
                    await shop.Cluster.Http.PostAsync($"{path}?dryRun=All", manifest, Stop);
                    taken++;
                }

        output.WriteLine($"{taken} of {taken + unknown.Count} objects taken; not known to this server: "
            + string.Join(", ", unknown.CountBy(k => k).Select(k => $"{k.Value} {k.Key}")));
        Assert.InRange(taken, 80, int.MaxValue);
        var others = shop.Cluster.Release.IsSupported ? OfOthers : [.. OfOthers, "PodDisruptionBudget"];
        Assert.Empty(unknown.Except(others));
    }

    private static async Task<IEnumerable<JsonObject>> RenderAsync(string sample) =>
        (await Helm.RunAsync("template", "runnerscaler", Helm.Chart, "--values", sample)).Split("\n---\n")
            .Select(d => Manifest.Yaml(d)).OfType<JsonObject>();

    /// <summary>Where the server's own list of kinds says that such objects are made; null if it has none.</summary>
    private static async Task<string?> PathAsync(NamespaceRig shop, JsonObject manifest)
    {
        var version = manifest.Text("apiVersion")!;
        var root = version.Contains('/', StringComparison.Ordinal) ? $"/apis/{version}" : $"/api/{version}";
        JsonObject kinds;
        try
        {
            kinds = await shop.Cluster.Http.GetAsync(root, Stop);
        }
        catch (KubeFailure failure) when (failure.Code == 404)
        {
            return null;
        }
        var kind = kinds.Objects("resources").FirstOrDefault(r =>
            r.Text("kind") == manifest.Text("kind") && !r.Text("name")!.Contains('/', StringComparison.Ordinal));
        if (kind is null)
            return null;
        var place = kind["namespaced"]!.GetValue<bool>() ? $"/namespaces/{shop.Cluster.Namespace}" : "";
        return $"{root}{place}/{kind.Text("name")}";
    }
}
