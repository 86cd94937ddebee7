using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Workflow;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Node;

/// <summary>
/// One real node, the sandbox's GitHub and the unmodified controller, started at the first use and shared by all tests
/// of the node, which run one after the other.
/// </summary>
public sealed class NodeFixture : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-").FullName;
    private World? world;

    /// <summary>The running world; the test is skipped when there can be no real node here.</summary>
    internal async Task<World> OpenAsync()
    {
        var reason = RealNode.WhyNot() ?? NodeImages.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        return world ??= await World.StartAsync(folder, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (world is not null)
            await world.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NodeTests : ICollectionFixture<NodeFixture>
{
    public const string Name = "one real node";
}

/// <summary>All that runs.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string Repository = $"{GitHubBox.Owner}/app";

    /// <summary>The controller's namespace.</summary>
    private const string Own = "runnerscaler";

    private readonly WebApplication sessions;
    private readonly SessionEndpoint endpoint;
    private readonly k8s.Kubernetes client;

    private World(
        RealNode node, GitHubBox gitHub, ControllerProcess controller, WebApplication sessions,
        SessionEndpoint endpoint)
    {
        (Node, GitHub, Controller, this.sessions, this.endpoint) = (node, gitHub, controller, sessions, endpoint);
        client = KubeHttp.Connect(node.Server.KubeConfigPath);
        Http = new KubeHttp(client);
        Box = new ClusterBox(client);
        Pods = new PodHistory(Http);
        Metrics = new MetricsPage(controller.Web);
    }

    public RealNode Node { get; }

    public GitHubBox GitHub { get; }

    public Organization Organization => GitHub.Organization;

    public ControllerProcess Controller { get; }

    public KubeHttp Http { get; }

    public ClusterBox Box { get; }

    public PodHistory Pods { get; }

    public MetricsPage Metrics { get; }

    /// <summary>Where runners in pods find GitHub.</summary>
    public string SessionsUrl => sessions.Urls.Single() + SessionEndpoint.Path;

    public static async Task<World> StartAsync(string folder, CancellationToken stop)
    {
        var images = await NodeImages.MakeAsync(folder, stop);
        var node = await RealNode.StartAsync(
            TimeProvider.System, images, WorkflowImages.Archives, stop);
        var gitHub = await GitHubBox.StartAsync(
            ["app"], TimeProvider.System, new Random(1), new RestFaults(new Random(2)), new OrganizationSettings
            {
                SeenOnlineFor = TimeSpan.FromSeconds(3),
                LostContactDeadline = TimeSpan.FromSeconds(3),
            });
        var endpoint = new SessionEndpoint(gitHub.Organization, TimeProvider.System);
        var sessions = await ListenAsync(node, endpoint, stop);
        var config = Path.Combine(folder, "controller.kubeconfig");
        node.Server.WriteKubeConfig(config, RealNode.Controller);
        await AllowAsync(node, stop);
        var controller = ControllerProcess.Start(
            config, folder, $"{node.HostAddress}", ("Kubernetes:OwnNamespace", Own),
            ("Kubernetes:RunnerImage", NodeImages.Runner), ("Kubernetes:RunnerCpuRequest", "10m"),
            ("Kubernetes:RunnerMemoryRequest", "32Mi"), ("Process:LogLevel", "Debug"));
        var world = new World(node, gitHub, controller, sessions, endpoint);
        await world.Box.PrepareAsync(gitHub, TimeProvider.System, stop);
        world.Pods.Start();
        await controller.WaitUntilReadyAsync(TimeProvider.System, stop);
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        await Controller.StopAsync(TimeProvider.System);
        await Controller.DisposeAsync();
        await Pods.DisposeAsync();
        client.Dispose();
        await sessions.DisposeAsync();
        endpoint.Dispose();
        await GitHub.DisposeAsync();
        await Node.DisposeAsync();
    }

    // The shipped rights, so that what the controller needs and they lack shows here.
    private static async Task AllowAsync(RealNode node, CancellationToken stop)
    {
        using var client = KubeHttp.Connect(node.Server.KubeConfigPath);
        var http = new KubeHttp(client);
        foreach (var (path, _, manifest) in Manifest.Read("deploy/rbac.yaml", Own))
            await http.PostAsync(path, manifest, stop);
    }

    private static async Task<WebApplication> ListenAsync(
        RealNode node, SessionEndpoint endpoint, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(node.HostAddress, 0));
        var app = builder.Build();
        endpoint.Map(app);
        await app.StartAsync(stop);
        return app;
    }
}
