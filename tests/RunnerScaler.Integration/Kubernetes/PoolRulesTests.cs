using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>
/// The rules of the RunnerPool's schema
/// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules).
/// </summary>
public sealed class PoolRulesTests(ClusterFixture clusters)
{
    private const string Org = "https://github.com/acme";
    private const string Snapshot = "spec.builder.cache.snapshot must be set with kind Clone";
    private const string OnlySidecar = "spec.builder has fields that only mode Sidecar has";

    /// <summary>A member of the spec, what is wrong in it, and the sentence that says so.</summary>
    public static TheoryData<string, string, string> Broken => new()
    {
        { "warm", """{"standby":21}""", "spec.warm.standby and spec.warm.idle together may be at most" },
        { "warm", """{"standby":1,"idle":20}""", "spec.warm.standby and spec.warm.idle together may be at most" },
        {
            "warm",
            """
            {"schedules":[{"days":["Mon"],"from":"08:00","to":"09:00","timeZone":"UTC","standby":21}]}
            """,
            "spec.warm.schedules[].standby and spec.warm.idle together"
        },
        { "github", Serves($"{Org}/*", "https://ghe.example/acme"), "all entries of spec.github.serves must be at" },
        { "github", Serve($$"""{"url":"{{Org}}/app","runnerGroup":"g"}"""), "runnerGroup may be set for" },
        {
            "github", Serve($$"""{"url":"{{Org}}/app","repositories":["app"]}"""),
            "repositories may not be set where the url names one repository"
        },
        { "github", Serve($$"""{"url":"https://github.com/Enterprises/big"}"""), "names an enterprise" },
        { "github", Fed($$"""{"url":"{{Org}}/*"}"""), "list the repositories instead of owner/*" },
        { "github", Fed($$"""{"url":"{{Org}}","repositories":["app"]}"""), "may not be set: GitHub assigns" },
        { "github", Serve($$"""{"url":"{{Org}}","scaleSetName":"x"}"""), "scaleSetName may be set with" },
        { "builder", """{"mode":"Shared"}""", "spec.builder.shared must be set with mode Shared" },
        {
            "builder", """{"mode":"None","shared":{"addresses":["tcp://b:1"],"tlsSecret":"t"}}""",
            "spec.builder.shared must be set with mode Shared"
        },
        { "builder", """{"mode":"None","profile":"Baseline"}""", OnlySidecar },
        { "builder", """{"mode":"None","stateSize":"1Gi"}""", OnlySidecar },
        { "builder", """{"mode":"None","registries":[{"host":"r.io"}]}""", "registries may not be set with mode None" },
        {
            "builder", """{"cache":{"kind":"Slot","size":"1Gi"},"stateSize":"1Gi"}""",
            "spec.builder.stateSize may not be set with a cache"
        },
        {
            "builder", """{"profile":"Compatible","seccompProfile":"p.json"}""",
            "spec.builder.seccompProfile may not be set with profile Compatible"
        },
        { "builder", """{"appArmorProfile":"Unconfined"}""", "must be the name of a profile" },
        { "builder", """{"registries":[{"host":"r.io","http":true,"ca":"PEM"}]}""", "ca may not be set with http" },
        { "builder", """{"cache":{"kind":"Clone","size":"1Gi"}}""", Snapshot },
        { "builder", """{"cache":{"kind":"Slot","size":"1Gi","snapshot":"s"}}""", Snapshot },
    };

    [Theory, MemberData(nameof(Broken))]
    public async Task ABrokenRuleIsRefusedWithItsSentence(string member, string value, string sentence)
    {
        await using var shop = await OpenAsync();
        var pool = NamespaceRig.Pool("broken");
        pool["spec"]![member] = JsonNode.Parse(value);
        var refusal = await RefusalAsync(422, "Invalid", () => shop.Cluster.Http.PostAsync(shop.PoolPath, pool, Stop));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a123456789b123456789c123456789d123456789e123456")]
    public async Task ANameThatRunnersCannotBearIsRefused(string name)
    {
        await using var shop = await OpenAsync();
        var refusal = await RefusalAsync(
            422, "Invalid", () => shop.Cluster.Http.PostAsync(shop.PoolPath, NamespaceRig.Pool(name), Stop));
        Assert.Contains("metadata.name may have at most 46", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IdleRunnersNeedAPlaceToWaitAt()
    {
        await using var shop = await OpenAsync();
        var pool = NamespaceRig.Pool("broken");
        pool["spec"]!["github"] = JsonNode.Parse(Serves($"{Org}/*"));
        pool["spec"]!["warm"] = JsonNode.Parse("""{"idle":1}""");
        var refusal = await RefusalAsync(422, "Invalid", () => shop.Cluster.Http.PostAsync(shop.PoolPath, pool, Stop));
        Assert.Contains("spec.warm.idle must be 0 where only", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClusterFixture.Sandbox)]
    [InlineData(ClusterFixture.Real)]
    public async Task EveryPoolOfThePagesIsTaken(string kind)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, kind);
        var pools = ((string[])["docs/pools.md", "docs/install.md"]).SelectMany(page => PoolsOf(page)).ToArray();
        Assert.True(pools.Length > 8);
        foreach (var (index, pool) in pools.Index())
        {
            pool["metadata"]!["namespace"] = shop.Cluster.Namespace;
            pool["metadata"]!["name"] = $"{pool.Text("metadata", "name")}-{index}";
            var taken = await shop.Cluster.Http.PostAsync(shop.PoolPath, pool, Stop);
            Assert.NotNull(taken.Text("metadata", "uid"));
        }
    }

    private static IEnumerable<JsonObject> PoolsOf(string page) =>
        from block in File.ReadAllText(Path.Combine(Example.Root, page)).Split("```yaml\n").Skip(1)
        let yaml = block.Split("```")[0]
        where yaml.Contains("kind: RunnerPool", StringComparison.Ordinal)
        select Manifest.Yaml(yaml).AsObject();

    private async Task<NamespaceRig> OpenAsync()
    {
        var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Real);
        Assert.SkipWhen(shop.Cluster.WhyOldCrds is not null, shop.Cluster.WhyOldCrds ?? "");
        return shop;
    }

    private static string Serves(params string[] urls) => Serve([.. urls.Select(u => $$"""{"url":"{{u}}"}""")]);

    private static string Fed(string entry) =>
        $$"""{"credentialsSecret":"github","feed":"ScaleSet","serves":[{{entry}}]}""";

    private static string Serve(params string[] entries) =>
        $$"""{"credentialsSecret":"github","serves":[{{string.Join(',', entries)}}]}""";
}
