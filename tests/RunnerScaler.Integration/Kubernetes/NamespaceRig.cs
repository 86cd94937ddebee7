using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Work;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Kubernetes.Watching;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using YamlDotNet.Serialization;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>A namespace where the RunnerPool type is installed, with the controller's stores at work in it.</summary>
internal sealed class NamespaceRig : IAsyncDisposable
{
    public const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];

    private NamespaceRig(TestCluster cluster, int pageSize)
    {
        Cluster = cluster;
        Api = new ApiServer(TypedConnection.Of(cluster.Typed), TimeProvider.System);
        Gate = new LeaderGate(TimeProvider.System);
        Gate.Hold(TimeProvider.System.GetTimestamp(), TimeSpan.FromMinutes(10));
        var settings = new WatchSettings { PageSize = pageSize };
        var surroundings = new InformerDependencies(
            new SilentMetrics(),
            new Heartbeats(TimeProvider.System),
            new Random(1),
            TimeProvider.System,
            NullLogger.Instance);
        var defaults = new PodDefaults("runner:1", "100m", "64Mi", TimeSpan.FromSeconds(30));
        var claims = new ClaimEndpoint("https://runnerscaler.ops.svc:8443/claims", "a certificate");
        Caches = new CacheVolumes(Api, new Heartbeats(TimeProvider.System), TimeProvider.System);
        var around = new PodDependencies(defaults, () => claims, () => Facts, Caches.Known);
        Pools = new PoolStore(Api, [cluster.Namespace], around, Gate, settings, surroundings);
        Pods = new PodStore(Api, [cluster.Namespace], Pools, Caches, Gate, settings, surroundings);
        Caches.Changed += Pools.SurroundingsChanged;
    }

    public TestCluster Cluster { get; }

    public ApiServer Api { get; }

    public LeaderGate Gate { get; }

    public PoolStore Pools { get; }

    public PodStore Pods { get; }

    public CacheVolumes Caches { get; }

    /// <summary>What the stores are told that the cluster can do.</summary>
    public ClusterFacts Facts { get; set; } = new(new Release(1, 36), new NodeReading.Known([]));

    public string PoolPath => $"/apis/runnerscaler.io/v1alpha1/namespaces/{Cluster.Namespace}/runnerpools";

    public PoolKey Key(string name = "linux") => new(Cluster.Namespace, name);

    public static async Task<NamespaceRig> OpenAsync(ClusterFixture clusters, string server, int pageSize = 500)
    {
        var workshop = new NamespaceRig(await clusters.OpenAsync(server), pageSize);
        await workshop.InstallAsync();
        await workshop.StartAsync();
        return workshop;
    }

    /// <summary>Another controller in the same namespace; to be started.</summary>
    public NamespaceRig Again(int pageSize = 500) => new(Cluster, pageSize);

    public async Task StartAsync()
    {
        running.Add(Pools.RunAsync(stop.Token));
        running.Add(Pods.RunAsync(stop.Token));
        running.Add(Caches.RunAsync(stop.Token));
        await TestCluster.UntilAsync("the caches are filled", () => Task.FromResult(Pools.Synced && Pods.Synced));
    }

    /// <summary>Makes a pool and waits until it is known.</summary>
    public async Task<JsonObject> AddPoolAsync(string name = "linux", string more = "")
    {
        var made = await Cluster.Http.PostAsync(PoolPath, Pool(name, more), TestCluster.Stop);
        await TestCluster.UntilAsync("the pool is known", () => Task.FromResult(Pools.UidOf(Key(name)) is not null));
        return made;
    }

    public static JsonObject Pool(string name, string more = "") => TestCluster.Json($$$"""
        {"apiVersion":"runnerscaler.io/v1alpha1","kind":"RunnerPool","metadata":{"name":"{{{name}}}"},
         "spec":{"github":{"credentialsSecret":"app","serves":[{"url":"https://github.com/acme"}]},
          "labels":["self-hosted"],"limits":{"maxRunners":20} {{{more}}}
          {{{(more.Contains("\"builder\"", StringComparison.Ordinal) ? "" : ""","builder":{"mode":"None"}""")}}} } }
        """);

    /// <summary>Waits until the cache shows the pod as it should be.</summary>
    public async Task<PodFacts> SeenAsync(int slot, Func<PodFacts, bool>? condition = null)
    {
        PodFacts? seen = null;
        await TestCluster.UntilAsync("the cache shows the pod", () =>
        {
            seen = Pods.InPool(Key()).SingleOrDefault(p => p.Slot == slot);
            return Task.FromResult(seen is not null && (condition is null || condition(seen)));
        });
        return seen!;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        foreach (var loop in running)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Cluster.Dispose();
        stop.Dispose();
    }

    private async Task InstallAsync()
    {
        try
        {
            await Cluster.Http.PostAsync(Definitions, ReadDefinition(), TestCluster.Stop);
        }
        catch (KubeFailure failure) when (failure.Reason == "AlreadyExists")
        {
            // Another test was first.
        }
        await Cluster.UntilServedAsync(PoolPath);
    }

    private static JsonObject ReadDefinition()
    {
        var yaml = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "runnerpools.yaml"));
        var read =
            new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(yaml)!;
        return TestCluster.Json(new SerializerBuilder().JsonCompatible().Build().Serialize(read));
    }
}
