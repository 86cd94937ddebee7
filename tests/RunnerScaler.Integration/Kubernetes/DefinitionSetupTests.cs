using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Installing;
using RunnerScaler.Sandbox.Cluster;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>How a release's definition comes to a cluster.</summary>
public sealed class DefinitionSetupTests(ClusterFixture clusters)
{
    private const string Name = "runnerpools.runnerscaler.io";

    private static int definitions;

    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task WhateverMadeItBeforeItIsThisReleasesThen(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var (old, @new) = (Definition("olderField"), Definition("newerField"));
        @new["metadata"]!["name"] = old.Text("metadata", "name");
        @new["spec"]!["names"] = old["spec"]!["names"]!.DeepClone();
        var path = $"{NamespaceRig.Definitions}/{old.Text("metadata", "name")}";
        await cluster.Http.PostAsync($"{NamespaceRig.Definitions}?fieldManager=helm", old, Stop);
        await cluster.Http.PatchAsync(
            path, Json("""{"metadata":{"labels":{"somebody":"else"} } }"""), KubeHttp.MergePatchType, Stop);

        Assert.True((await ApplyAsync(cluster, @new)).Done);
        var there = await cluster.Http.GetAsync(path, Stop);
        Assert.Equal(["newerField"], Fields(there));
        Assert.Equal("else", there.Text("metadata", "labels", "somebody"));
        Assert.True((await ApplyAsync(cluster, @new)).Done);
        Assert.Equal(
            there.Text("metadata", "resourceVersion"),
            (await cluster.Http.GetAsync(path, Stop)).Text("metadata", "resourceVersion"));

        Assert.True((await ApplyAsync(cluster, old)).Done);
        Assert.Equal(["olderField"], Fields(await cluster.Http.GetAsync(path, Stop)));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ADefinitionThatIsNotThereIsMadeAndServed(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var definition = Definition("field");
        Assert.True((await ApplyAsync(cluster, definition)).Done);
        await cluster.UntilServedAsync($"/apis/{CustomResourceContractTests.Group}/v1/namespaces/{cluster.Namespace}/"
            + definition.Text("spec", "names", "plural"));
    }

    [Fact]
    public async Task NamesThatAnotherHasAreTold()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Real);
        var (one, other) = (Definition("field"), Definition("field"));
        other["spec"]!["names"]!["kind"] = one.Text("spec", "names", "kind");
        Assert.True((await ApplyAsync(cluster, one)).Done);
        var outcome = await ApplyAsync(cluster, other, TimeSpan.FromSeconds(2));
        Assert.False(outcome.Done);
        Assert.Contains("is applied, but not served (", outcome.Says, StringComparison.Ordinal);
        Assert.Contains("is already in use", outcome.Says, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ADefinitionThatTheServerRefusesIsTold(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var definition = Definition("field");
        definition["metadata"]!["name"] = $"wrong.{CustomResourceContractTests.Group}";
        var outcome = await ApplyAsync(cluster, definition);
        Assert.False(outcome.Done);
        Assert.StartsWith("wrong.example.io was not applied: ", outcome.Says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheProgramAppliesItsOwn()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        var (code, said, wrong) = await RunAsync("apply-crds", $"--Kubernetes:Kubeconfig={cluster.KubeConfigPath}");
        Assert.Equal((0, $"{Name} is applied and served.", ""), (code, said.TrimEnd(), wrong));
        var there = await cluster.Http.GetAsync($"{NamespaceRig.Definitions}/{Name}", Stop);
        Assert.True(JsonNode.DeepEquals(PoolDefinition.Read()["spec"]!["names"], there["spec"]!["names"]));
    }

    [Fact]
    public async Task ARightThatIsMissingIsNamed()
    {
        var time = TimeProvider.System;
        await using var host = await KubeApiHost.StartAsync(
            new KubeApi(new ObjectStore(time, new Random(1)), time, new KubeFaults(new Random(2))), time.GetUtcNow());
        var config = Path.GetTempFileName();
        host.WriteKubeConfig(config, "helm");
        host.Api.Access.User = "helm";
        host.Api.Access.TakeAway(new LostRight("patch", "customresourcedefinitions"));
        var (code, said, wrong) = await RunAsync("apply-crds", $"--Kubernetes:Kubeconfig={config}");
        File.Delete(config);
        Assert.Equal((1, ""), (code, said));
        Assert.Contains($"{Name} was not applied: ", wrong, StringComparison.Ordinal);
        Assert.Contains("Give this account the verbs create, get and patch", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatIsNotThereIsToldInTime()
    {
        var config = Path.GetTempFileName();
        KubeConfigFile.Write(config, new Uri("http://127.0.0.1:1"), "token", authorityPem: null);
        var (code, _, wrong) = await RunAsync("apply-crds", "--within=1s", $"--Kubernetes:Kubeconfig={config}");
        File.Delete(config);
        Assert.Equal(1, code);
        Assert.StartsWith(
            $"{Name} was not applied (the API server at 127.0.0.1:1 cannot be reached: ", wrong,
            StringComparison.Ordinal);
        Assert.EndsWith("after 1 s.", wrong.TrimEnd(), StringComparison.Ordinal);
    }

    private static async Task<Outcome> ApplyAsync(TestCluster cluster, JsonObject definition, TimeSpan? within = null)
    {
        using var client = KubeHttp.Connect(cluster.KubeConfigPath);
        var api = new ApiServer(TypedConnection.Of(client), TimeProvider.System);
        var setup = new DefinitionSetup(api, definition, TimeProvider.System);
        return await setup.ApplyAsync(within ?? TimeSpan.FromSeconds(30), Stop);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ScalerHost.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string[] Fields(JsonObject definition) =>
    [
        .. definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!
            .AsObject().Select(p => p.Key),
    ];

    private static JsonObject Definition(string field)
    {
        var number = Interlocked.Increment(ref definitions);
        return Json($$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
             "metadata":{"name":"chests{{{number}}}.{{{CustomResourceContractTests.Group}}}"},
             "spec":{"group":"{{{CustomResourceContractTests.Group}}}","scope":"Namespaced",
              "names":{"plural":"chests{{{number}}}","singular":"chest{{{number}}}","kind":"Chest{{{number}}}",
               "listKind":"Chest{{{number}}}List"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
               "properties":{"spec":{"type":"object","properties":{"{{{field}}}":{"type":"string"} } } } } } }]}}
            """);
    }
}
