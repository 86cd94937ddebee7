using k8s;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.Scenario;

namespace RunnerScaler.Sandbox.Box;

/// <summary>An API server on loopback, and nodes that work for it.</summary>
internal sealed class SandboxCluster : IAsyncDisposable
{
    private readonly KubeApiHost host;
    private readonly string folder;
    private readonly CancellationTokenSource stop = new();
    private readonly List<k8s.Kubernetes> clients = [];
    private Task nodes = Task.CompletedTask;

    private SandboxCluster(KubeApiHost host, string folder)
    {
        this.host = host;
        this.folder = folder;
        Box = new ClusterBox(ClientFor("sandbox"));
    }

    public ClusterBox Box { get; }

    /// <summary>What the controller may do.</summary>
    public AccessRules Access => host.Api.Access;

    public static async Task<SandboxCluster> StartAsync(
        NodeSettings settings, Organization organization, int seed, TimeProvider time, string folder)
    {
        var store = new ObjectStore(time, new Random(seed));
        var api = new KubeApi(store, time, new KubeFaults(new Random(seed + 2)));
        var cluster = new SandboxCluster(await KubeApiHost.StartAsync(api, time.GetUtcNow()), folder);
        var program = new RunnerProgram(new OrganizationBackend(organization, time), time, new Random(seed + 3));
        var options = new NodeOptions
        {
            Nodes = NodeOptions.Many(settings.Count, cpu: 64, memoryGi: 256, settings.Pods),
            Pull = Delay.Milliseconds(settings.PullMilliseconds / 4.0, settings.PullMilliseconds),
            Start = Delay.Milliseconds(settings.StartMilliseconds / 3.0, settings.StartMilliseconds),
            Report = NodeOptions.KubeletReport,
        };
        var simulator = new NodeSimulator(cluster.ClientFor("nodes"), options, program, time, new Random(seed + 4));
        cluster.nodes = simulator.RunAsync(cluster.stop.Token);
        return cluster;
    }

    /// <summary>Writes a kubeconfig for a user of this name.</summary>
    public string KubeConfigFor(string user)
    {
        var path = Path.Combine(folder, $"kubeconfig-{user}");
        host.WriteKubeConfig(path, user);
        return path;
    }

    /// <summary>A user's requests by verb and resource, such as <c>patch pods</c>; the most frequent first.</summary>
    public IReadOnlyDictionary<string, long> RequestsOf(string user) => new OrderedDictionary<string, long>(
        host.Api.Requests.Snapshot()
            .Where(r => r.Key.User == user)
            .GroupBy(r => $"{r.Key.Verb} {r.Key.Resource}", r => r.Value)
            .Select(g => KeyValuePair.Create(g.Key, g.Sum()))
            .OrderByDescending(g => g.Value).ThenBy(g => g.Key, StringComparer.Ordinal));

    public long PodsCreatedBy(string user) => host.Api.Requests.Total(
        r => r.User == user && r is { Verb: "create", Resource: "pods", Code: StatusCodes.Status201Created });

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await nodes;
        foreach (var client in clients)
            client.Dispose();
        await host.DisposeAsync();
        stop.Dispose();
    }

    private k8s.Kubernetes ClientFor(string user)
    {
        var client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeConfigFor(user)));
        clients.Add(client);
        return client;
    }
}
