using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Ports;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>Pods with builders meet API servers.</summary>
public sealed class BuilderPodTests(ClusterFixture clusters)
{
    private const string Volumes = "persistentvolumeclaims";

    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task EveryPodIsAccepted(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var count = 0;
        foreach (var (wishes, profile) in Everything(TakesSidecars(cluster)))
        {
            var answer = await TryAsync(cluster, wishes, profile, count);
            Assert.Equal($"linux-{count++}", (string?)answer["metadata"]!["name"]);
        }
        Assert.Equal(TakesSidecars(cluster) ? 80 : 56, count);
    }

    [Fact]
    public async Task PodSecurityAdmitsEachPodAtTheStrictestLevelThatItCan()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Real);
        Assert.SkipWhen(cluster.Release.Minor < 35, "before 1.35 the level baseline forbids every unmasked /proc");
        foreach (var (level, strictness) in ((string[])["privileged", "baseline", "restricted"]).Index())
        {
            await cluster.Http.PatchAsync($"/api/v1/namespaces/{cluster.Namespace}", Json($$"""
                {"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"{{strictness}}"} } }
                """), "application/merge-patch+json", Stop);
            foreach (var (wishes, profile) in Everything(takesSidecars: true))
            {
                var strictest = profile switch { null => 2, BuilderProfile.Compatible => 0, _ => 1 };
                if (level <= strictest)
                    await TryAsync(cluster, wishes, profile, 0);
                else
                    Assert.Contains($"violates PodSecurity \"{strictness}", (await RefusalAsync(
                        403, "Forbidden", () => TryAsync(cluster, wishes, profile, 0))).Message,
                        StringComparison.Ordinal);
            }
        }
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task TheClusterIsSeenAsItIs(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await using var nodes = new RunningNodes(shop.Cluster, new ScriptedProgram());
        var capabilities = new ClusterCapabilities(
            shop.Api, new(TimeProvider.System), new(1), TimeProvider.System, NullLogger<ClusterCapabilities>.Instance);
        await UntilAsync(
            "the node is seen", async () => await capabilities.ReadAsync(Stop) && NodeOf(capabilities) is not null);
        Assert.Equal(new Release(1, shop.Cluster.Release.Minor), capabilities.Current.Server);
        var node = NodeOf(capabilities)!;
        Assert.Equal(("linux", new Release(6, 12), new Release(1, 36)), (node.System, node.Kernel, node.Kubelet));
        // Servers before 1.30 drop what a node says of its runtime.
        Assert.Equal(shop.Cluster.Release.Minor >= 30, node.UserNamespaces);

        NodeFacts? NodeOf(ClusterCapabilities capabilities) => ((NodeReading.Known)capabilities.Current.Nodes).Nodes
            .FirstOrDefault(n => n.Name == nodes.NodeName && n.Kernel is not null);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APoolWithoutABuilderIsServedByAnyRelease(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        shop.Facts = new ClusterFacts(new Release(1, 20), new NodeReading.Known([]));
        await shop.AddPoolAsync();
        var pool = shop.Pools.Pools.Single();
        Assert.Null(pool.Problem);
        Assert.Equal("None", Assert.Single(pool.Notices).Reason);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ASidecarOnAnOldReleaseIsAFaultAndAnUpgradeHealsIt(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        shop.Facts = new ClusterFacts(new Release(1, 28), new NodeReading.Known([]));
        await shop.AddPoolAsync(more: """, "builder":{"mode":"Sidecar"}""");
        var broken = shop.Pools.Pools.Single();
        Assert.Equal((null, ProblemReason.BuilderUnavailable), (broken.Pool, broken.Problem?.Reason));
        Assert.Equal(("BuilderSelected", false), (broken.Notices[0].Type, broken.Notices[0].Holds));
        Assert.IsType<CreateResult.Refused>(await shop.Pods.CreateAsync(shop.Key(), 0, Stop));

        var told = new List<PoolKey>();
        shop.Pools.Changed += told.Add;
        shop.Facts = new ClusterFacts(new Release(1, 36), new NodeReading.Known([]));
        shop.Pools.SurroundingsChanged();
        shop.Pools.SurroundingsChanged();
        Assert.Equal([shop.Key()], told);
        var healed = shop.Pools.Pools.Single();
        Assert.Null(healed.Problem);
        Assert.Equal(("Baseline", true), (healed.Notices[0].Reason, healed.Notices[0].Holds));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnotherLookThatShowsTheSameChangesNoPod(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync(more: """, "builder":{"mode":"Sidecar"}""");
        var before = shop.Pools.Pools;
        shop.Facts = shop.Facts with { Nodes = new NodeReading.Known([]) };
        Assert.Equal(before, shop.Pools.Pools);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ACacheThatDoesNotExistIsNamedAndHealsWhenItDoes(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var storage = $"fast-{shop.Cluster.Namespace}";
        await shop.AddPoolAsync(more: $$$"""
            , "builder":{"cache":{"kind":"Slot","storageClass":"{{{storage}}}","size":"1Gi"} }
            """);
        var refused = Assert.IsType<CreateResult.Refused>(await shop.Pods.CreateAsync(shop.Key(), 0, Stop));
        Assert.Contains($"There is no storage class '{storage}'", refused.Problem.Message, StringComparison.Ordinal);
        await UntilAsync("the pool says so", () => Task.FromResult(
            shop.Pools.Pools.Single() is { Pool: null, Problem.Reason: ProblemReason.BuilderUnavailable }));
        var pods = await shop.Cluster.Http.GetAsync(shop.Cluster.Pods, Stop);
        Assert.Empty(pods["items"]!.AsArray());

        await shop.Cluster.Http.PostAsync("/apis/storage.k8s.io/v1/storageclasses", Json($$"""
            {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"{{storage}}"},
             "provisioner":"example.com/none"}
            """), Stop);
        await using var again = shop.Again();
        await again.StartAsync();
        await UntilAsync("it is found", () => Task.FromResult(
            again.Pools.Pools.Single().Notices.Any(n => n is { Type: "CacheFound", Holds: true })));
        Assert.Null(again.Pools.Pools.Single().Problem);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ASlotGetsItsVolumeOnceAndKeepsIt(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        Assert.SkipWhen(shop.Cluster.Release.Minor < 22, "servers before 1.22 have no ReadWriteOncePod");
        await shop.AddPoolAsync(more: """, "builder":{"cache":{"kind":"Slot","size":"1Gi"} }""");
        Assert.IsType<CreateResult.Created>(await shop.Pods.CreateAsync(shop.Key(), 4, Stop));
        var claims = $"/api/v1/namespaces/{shop.Cluster.Namespace}/{Volumes}";
        var claim = await shop.Cluster.Http.GetAsync($"{claims}/linux-4-cache", Stop);
        Assert.Equal(
            shop.Pools.UidOf(shop.Key()), (string?)claim["metadata"]!["ownerReferences"]![0]!["uid"]);
        Assert.IsType<CreateResult.AlreadyExists>(await shop.Pods.CreateAsync(shop.Key(), 4, Stop));
        Assert.Equal(
            (string?)claim["metadata"]!["uid"],
            (string?)(await shop.Cluster.Http.GetAsync($"{claims}/linux-4-cache", Stop))["metadata"]!["uid"]);
        var pod = await shop.Cluster.Http.GetAsync($"{shop.Cluster.Pods}/linux-4", Stop);
        Assert.Contains(
            pod.Objects("spec", "volumes"),
            v => v.Text("persistentVolumeClaim", "claimName") == "linux-4-cache");
    }

    private static Task<JsonObject> TryAsync(
        TestCluster cluster, PodOptions wishes, BuilderProfile? profile, int slot)
    {
        var recipe = new PodInputs(new PoolKey(cluster.Namespace, "linux"), "uid", null, wishes, profile);
        var defaults = new PodDefaults("runner:1", "100m", "64Mi", TimeSpan.FromSeconds(60));
        var pod = PodBuilder.Build(recipe, defaults, new ClaimEndpoint("https://c/claims", "CA")).ForSlot(slot);
        return cluster.Http.PostAsync($"{cluster.Pods}?dryRun=All", pod, Stop);
    }

    private static bool TakesSidecars(TestCluster cluster) => cluster.Release.Minor >= 29;

    /// <summary>
    /// A server of 1.20 drops a volume's field "ephemeral", and then refuses the volume that has no kind: it can take
    /// no clones, and no sidecars, so the controller never sends it any.
    /// </summary>
    private static IEnumerable<(PodOptions Wishes, BuilderProfile? Profile)> Everything(bool takesSidecars)
    {
        CacheSpec?[] caches =
        [
            null,
            new(CacheKind.Slot, null, "fast", "50Gi"),
            .. takesSidecars ? [new(CacheKind.Clone, "warm", "fast", "50Gi")] : Array.Empty<CacheSpec>(),
        ];
        RegistrySpec[] registries =
            [new("docker.io", ["m.io"], false, false, null), new("r.io:5000", [], false, true, "PEM")];
        var builders =
            from profile in Enum.GetValues<BuilderProfile>()
            from cache in caches
            from count in (int[])[0, 2]
            select (
                new BuilderSpec { Cache = cache, Registries = [.. registries.Take(count)], AppArmorProfile = "x" },
                (BuilderProfile?)profile);
        return
            from builder in builders.Concat(
            [
                (new BuilderSpec { Mode = BuilderMode.None }, null),
                (new BuilderSpec { Mode = BuilderMode.Shared, Shared = new(["tcp://a:1"], "tls", true) }, null),
            ])
            from deploy in (DeploySpec?[])[null, new("deployer", "prod")]
            from secret in (string?[])[null, "registry"]
            select (new PodOptions(builder.Item1, deploy, secret), builder.Item2);
    }
}
