using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Kubernetes.Importing;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>ARC's objects from a cluster to a pool that an API server takes.</summary>
public sealed class ArcImportTests(ClusterFixture clusters)
{
    public const string Group = "actions.github.com";

    [Theory, MemberData(nameof(ClusterFixture.Servers), MemberType = typeof(ClusterFixture))]
    public async Task WhatTheClusterHasBecomesPoolsThatItTakes(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await DefineAsync(shop.Cluster);
        await AddAsync(shop.Cluster, "big", """
            {"githubConfigUrl":"https://github.com/acme","githubConfigSecret":"arc","minRunners":1,"maxRunners":4,
             "template":{"spec":{"nodeSelector":{"disk":"fast"},"containers":[{"name":"runner","image":"x",
              "env":[{"name":"A","value":"yes"}]}]}}}
            """);
        await AddAsync(shop.Cluster, "enterprise", """{"githubConfigUrl":"https://github.com/enterprises/acme"}""");
        await AddAsync(shop.Cluster, "odd", """{"githubConfigUrl":["x"],"template":"y"}""");

        var (code, output, error) = await ImportAsync(shop.Cluster);
        Assert.Equal((1, "2 of 3 imported."), (code, error[..16]));
        Assert.Contains($"# NOT IMPORTED AutoscalingRunnerSet {shop.Cluster.Namespace}/odd", output);
        foreach (var pool in YamlReader.Documents(output))
            await shop.Cluster.Http.PostAsync(shop.PoolPath, pool.AsObject(), Stop);
        await UntilAsync("the pools are read", () => Task.FromResult(
            shop.Pools.Pools.Any(p => p is { Pool.MaxRunners: 4, Pool.Warm.Standby: 1, Problem: null })
            && shop.Pools.Pools.Any(p => p is { Key.Name: "enterprise", Pool.UsesScaleSets: true, Problem: null })));
    }

    [Fact]
    public async Task AClusterWithoutArcIsToldSo()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        await UntilAsync("no other test's definition is there", async () =>
        {
            try
            {
                await cluster.Http.DeleteAsync($"{NamespaceRig.Definitions}/autoscalingrunnersets.{Group}", null, Stop);
                return false;
            }
            catch (KubeFailure failure) when (failure.Code == 404)
            {
                return true;
            }
        });
        var (code, output, error) = await ImportAsync(cluster);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("The cluster does not know ARC's kinds", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> ImportAsync(TestCluster cluster)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ScalerHost.RunAsync(
            [
                "import-arc", "--from=cluster", $"--Kubernetes:Kubeconfig={cluster.KubeConfigPath}",
                $"--Kubernetes:Namespaces={cluster.Namespace}",
            ],
            output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static Task<JsonObject> AddAsync(TestCluster cluster, string name, string spec) => cluster.Http.PostAsync(
        $"/apis/{Group}/v1alpha1/namespaces/{cluster.Namespace}/autoscalingrunnersets",
        new JsonObject
        {
            ["apiVersion"] = $"{Group}/v1alpha1",
            ["kind"] = "AutoscalingRunnerSet",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = JsonNode.Parse(spec),
        },
        Stop);

    /// <summary>A definition under ARC's name that lets all through.</summary>
    private static async Task DefineAsync(TestCluster cluster)
    {
        try
        {
            await cluster.Http.PostAsync(NamespaceRig.Definitions, Json($$"""
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
                 "metadata":{"name":"autoscalingrunnersets.{{Group}}"},
                 "spec":{"group":"{{Group}}","scope":"Namespaced",
                  "names":{"kind":"AutoscalingRunnerSet","plural":"autoscalingrunnersets",
                   "singular":"autoscalingrunnerset","listKind":"AutoscalingRunnerSetList"},
                  "versions":[{"name":"v1alpha1","served":true,"storage":true,"schema":{"openAPIV3Schema":
                   {"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
                """), Stop);
        }
        catch (KubeFailure failure) when (failure.Reason == "AlreadyExists")
        {
            // Another test was first.
        }
        await cluster.UntilServedAsync($"/apis/{Group}/v1alpha1/namespaces/{cluster.Namespace}/autoscalingrunnersets");
    }
}
