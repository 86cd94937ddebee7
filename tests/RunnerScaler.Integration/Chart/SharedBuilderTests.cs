using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Store;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Integration.Chart;

/// <summary>The chart's shared builder, and its certificates.</summary>
public sealed class SharedBuilderTests(ClusterFixture clusters)
{
    private const string Host = "runnerscaler-builder-0.runnerscaler-builder.team-a.svc";

    /// <summary>The example runs on a node in the workflow tests.</summary>
    [Fact]
    public async Task ItIsTheExamplesBuilder()
    {
        var objects = await RenderAsync();
        var example = Example.Of("deploy/examples/shared-builder/buildkitd.yaml").Objects().ToArray();
        var (ours, theirs) = (Pod(await ManifestsAsync()), Pod(example));
        var (container, other) = (ours["containers"]![0]!.AsObject(), theirs["containers"]![0]!.AsObject());
        container["securityContext"]!.AsObject().Remove("appArmorProfile");
        container.Remove("env");
        other["image"] = $"docker.io/{other.Text("image")}";
        AssertSame(other, container);
        foreach (var field in (string[])["hostUsers", "automountServiceAccountToken", "terminationGracePeriodSeconds",
            "securityContext"])
            AssertSame(theirs[field], ours[field]);
        var config = objects.Single(o => o.At("kind") == "ConfigMap"
            && o.At("metadata", "name") == "runnerscaler-builder");
        foreach (var file in (string[])["subid", "buildkitd.toml"])
            Assert.Equal(
                example.Single(o => o.Text("kind") == "ConfigMap").Text("data", file)!.TrimEnd(),
                config.At("data", file)!.TrimEnd());

        static JsonObject Pod(IEnumerable<JsonObject> all) => all.Single(o => o.Text("kind") == "StatefulSet")["spec"]![
            "template"]!["spec"]!.AsObject();
    }

    [Fact]
    public async Task APoolThatSaysSharedIsToldWhere()
    {
        var pool = (await RenderAsync()).Single(o => o.At("kind") == "RunnerPool");
        var builder = pool["spec"]["builder"];
        Assert.Equal(
            ("Shared", "docker.io", $"tcp://{Host}:1234", "runnerscaler-builder-client"),
            (builder.At("mode"), builder.At("registries", 0, "host"), builder.At("shared", "addresses", 0),
                builder.At("shared", "tlsSecret")));
        Assert.Equal(2, ((YamlSequenceNode)builder["shared"]["addresses"]).Count());
    }

    [Theory]
    [InlineData("pools.images.namespace=other", "pools.images is not in namespace team-a, where the shared builder")]
    [InlineData("sharedBuilder.enabled=false", "pools.images.builder.mode is Shared, but nobody says which daemons")]
    [InlineData("sharedBuilder.serverSecret=mine", "sharedBuilder.serverSecret and sharedBuilder.clientSecret belong")]
    [InlineData("sharedBuilder.replicas=0", "sharedBuilder.replicas is 0: set 1 to 50")]
    [InlineData("sharedBuilder.certificateDays=0", "sharedBuilder.certificateDays is 0: set 1 to 36500")]
    public async Task AWrongValueIsToldInASentence(string value, string sentence) =>
        await AssertRefusedAsync(sentence, "--set", value);

    [Fact]
    public async Task AClusterWithoutUserNamespacesIsToldSo() => await AssertRefusedAsync(
        "sharedBuilder needs Kubernetes 1.33 or later", "--kube-version", "1.32.9");

    [Fact]
    public async Task SecretsOfYoursAreTakenInstead()
    {
        var objects = await RenderAsync(
            "--set", "sharedBuilder.serverSecret=mine,sharedBuilder.clientSecret=theirs");
        Assert.DoesNotContain(
            objects, o => o.At("kind") == "Secret" && o.At("metadata", "name")!.Contains("builder"));
        var set = objects.Single(o => o.At("kind") == "StatefulSet");
        Assert.Equal("mine", set.At("spec", "template", "spec", "volumes", 0, "secret", "secretName"));
        Assert.Equal("theirs", objects.Single(o => o.At("kind") == "RunnerPool").At(
            "spec", "builder", "shared", "tlsSecret"));
    }

    /// <summary>openssl judges what the chart makes.</summary>
    [Fact]
    public async Task ItsCertificatesLetDaemonsAndRunnersTrustEachOther()
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-certificates-");
        try
        {
            foreach (var secret in (await RenderAsync()).Where(o => o.At("kind") == "Secret"
                && o.At("data", "ca.crt") is not null))
                foreach (var (file, text) in (YamlMappingNode)secret["data"])
                    await File.WriteAllTextAsync(
                        Path.Combine(folder.FullName, $"{secret.At("metadata", "name")}-{file.At()}"),
                        Encoding.UTF8.GetString(Convert.FromBase64String(text.At()!)),
                        TestContext.Current.CancellationToken);
            Assert.Equal(6, folder.GetFiles().Length);
            await VerifyAsync(folder, "server", "sslserver", "-verify_hostname", Host);
            await VerifyAsync(folder, "client", "sslclient");
            foreach (var (side, host) in ((string, string)[])[
                ("client", Host), ("server", Host.Replace("team-a", "team-b", StringComparison.Ordinal))])
                await Assert.ThrowsAsync<InvalidOperationException>(
                    () => VerifyAsync(folder, side, "sslserver", "-verify_hostname", host));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AnUpgradeKeepsTheCertificatesAndMakesThoseThatAreGone()
    {
        _ = Contract.KubeTools.Helm;
        await using var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Real);
        Assert.SkipWhen(shop.Cluster.Release is { IsSupported: true, Minor: < 33 }, "the server is older than 1.33");
        using var chart = ChartCopy.For(shop.Cluster);
        string[] values =
        [
            "kept", chart.Folder, .. chart.Arguments, "--set", "sharedBuilder.enabled=true,github.token=x",
            "--kubeconfig", shop.Cluster.KubeConfigPath, "--namespace", shop.Cluster.Namespace,
        ];
        await Helm.RunAsync(["install", .. values]);
        var first = await CertificatesAsync(shop);
        await Helm.RunAsync(["upgrade", .. values, "--set", "sharedBuilder.replicas=3"]);
        Assert.Equal(first, await CertificatesAsync(shop));
        await shop.Cluster.Http.DeleteAsync(Secret(shop, "client"), null, TestCluster.Stop);
        await Helm.RunAsync(["upgrade", .. values]);
        var (server, client) = await CertificatesAsync(shop);
        Assert.NotEqual(first.Server, server);
        Assert.NotEqual(first.Client, client);
    }

    private static async Task<(string Server, string Client)> CertificatesAsync(NamespaceRig shop)
    {
        var (server, client) = (await DataAsync("server"), await DataAsync("client"));
        Assert.Equal(server.Text("ca.crt"), client.Text("ca.crt"));
        return (server.ToJsonString(), client.ToJsonString());

        async Task<JsonObject> DataAsync(string side) =>
            (await shop.Cluster.Http.GetAsync(Secret(shop, side), TestCluster.Stop))["data"]!.AsObject();
    }

    private static string Secret(NamespaceRig shop, string side) =>
        $"/api/v1/namespaces/{shop.Cluster.Namespace}/secrets/kept-runnerscaler-builder-{side}";

    private static Task<string> VerifyAsync(DirectoryInfo folder, string side, string purpose, params string[] more)
    {
        var prefix = Path.Combine(folder.FullName, $"runnerscaler-builder-{side}-");
        return Command.RunAsync(
            "openssl", ["verify", "-CAfile", $"{prefix}ca.crt", "-purpose", purpose, .. more, $"{prefix}tls.crt"]);
    }

    private static string[] Sample(params string[] more) =>
        ["--values", Path.Combine(Helm.Chart, "ci", "shared-builder.yaml"), .. more];

    private static Task<IReadOnlyList<YamlNode>> RenderAsync(params string[] more) => Helm.RenderAsync(Sample(more));

    private static async Task<IEnumerable<JsonObject>> ManifestsAsync() =>
        (await Helm.RunAsync(["template", "runnerscaler", Helm.Chart, .. Sample()])).Split("\n---\n")
            .Where(d => d.Contains("kind: StatefulSet", StringComparison.Ordinal))
            .Select(d => Manifest.Yaml(d).AsObject());

    private static async Task AssertRefusedAsync(string sentence, params string[] more)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RenderAsync(more));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{expected?.ToJsonString()}\n{actual?.ToJsonString()}");
}
