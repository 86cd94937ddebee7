using System.Text.Json.Nodes;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Node;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Chart;

/// <summary>
/// A cluster of one real node without anything of ours, and the sandbox's GitHub: what a person has who is about to
/// install the chart. What a cluster's network does for Services is done by relays: there is none here.
/// </summary>
internal sealed class ReleaseWorld : IAsyncDisposable
{
    public const string Release = "tried";
    public const string Namespace = "ops";
    public const string Repository = $"{GitHubBox.Owner}/app";

    private const string Service = $"{Release}-runnerscaler";
    private const string Definition = $"{NamespaceRig.Definitions}/runnerpools.runnerscaler.io";

    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-release-").FullName;
    private readonly List<IAsyncDisposable> parts = [];
    private readonly SelfMadeCertificates certificates;
    private readonly k8s.Kubernetes client;
    private volatile bool released;

    private ReleaseWorld(RealNode node, SelfMadeCertificates certificates)
    {
        (Node, this.certificates) = (node, certificates);
        client = KubeHttp.Connect(node.Server.KubeConfigPath);
        Http = new KubeHttp(client);
    }

    public RealNode Node { get; }

    public KubeHttp Http { get; }

    public GitHubBox GitHub { get; private set; } = null!;

    public Organization Organization => GitHub.Organization;

    private string SessionsUrl { get; set; } = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ReleaseWorld> StartAsync()
    {
        var images = Directory.CreateTempSubdirectory("runnerscaler-images-").FullName;
        var runner = await NodeImages.MakeAsync(images, Stop);
        var node = await RealNode.StartAsync(
            TimeProvider.System, [.. runner, .. await ControllerImage.MakeAsync(images, runner[0].Layers[0])], [], Stop,
            (await RealApiServer.ReleaseAsync()).IsSupported ? [] : ["v1alpha1.runnerscaler.io"]);
        Directory.Delete(images, recursive: true);
        var world = new ReleaseWorld(
            node, SelfMadeCertificates.Create(TimeProvider.System.GetUtcNow(), $"{node.HostAddress}"));
        world.parts.Add(node);
        await world.ListenAsync();
        return world;
    }

    private async Task ListenAsync()
    {
        GitHub = await GitHubBox.StartAsync(
            ["app"], TimeProvider.System, new Random(1), new RestFaults(new Random(2)),
            tls: (Node.HostAddress, certificates.Server));
        var sessions = new SessionEndpoint(Organization, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(Node.HostAddress, 0));
        var app = builder.Build();
        sessions.Map(app);
        app.MapGet("/released", () => released ? Results.Ok() : Results.NotFound());
        await app.StartAsync(Stop);
        SessionsUrl = app.Urls.Single();
        parts.AddRange([
            GitHub, app, new Relay(new(Node.HostAddress, 443), Node.Server.Address),
            new Relay(new(Node.HostAddress, 8443), ClaimEndpointAsync),
        ]);
    }

    /// <summary>Jobs named <c>held…</c> go on until this.</summary>
    public void ReleaseJobs() => released = true;

    public Task<string> HelmAsync(params string[] arguments) => Helm.RunAsync(
        [.. arguments, "--kubeconfig", Node.Server.KubeConfigPath, "--namespace", Namespace]);

    /// <summary>What the person who installs it knows, as a file of values.</summary>
    public string Values()
    {
        var path = Path.Combine(folder, "values.yaml");
        var host = new JsonObject { ["ip"] = $"{Node.HostAddress}" };
        host["hostnames"] = new JsonArray(RealApiServer.InCluster, $"{Service}.{Namespace}.svc");
        File.WriteAllText(path, new JsonObject
        {
            ["images"] = new JsonObject { ["registry"] = ControllerImage.Registry, ["runner"] = "runner" },
            ["github"] = new JsonObject { ["appId"] = GitHub.AppId, ["privateKey"] = GitHub.PrivateKeyPem },
            ["extraCertificates"] = certificates.AuthorityPem,
            ["hostAliases"] = new JsonArray(host.DeepClone()),
            ["extraEnv"] = new JsonArray(
                Variable("KUBERNETES_SERVICE_HOST", RealApiServer.InCluster),
                Variable("KUBERNETES_SERVICE_PORT", "443")),
            ["options"] = new JsonObject
            {
                ["Kubernetes:RunnerCpuRequest"] = "10m",
                ["Kubernetes:RunnerMemoryRequest"] = "16Mi",
            },
            ["resources"] = JsonNode.Parse("""
                {"requests": {"cpu": "10m", "memory": "128Mi"}, "limits": {"memory": "512Mi"} }
                """),
            ["seccompProfile"] = new JsonObject { ["enabled"] = false },
            ["podDisruptionBudget"] = new JsonObject { ["enabled"] = Node.Release.IsSupported },
            ["pools"] = new JsonObject { ["linux"] = Pool(host) },
        }.ToJsonString());
        return path;
    }

    private JsonObject Pool(JsonObject host) => new()
    {
        ["serves"] = new JsonArray(new JsonObject { ["url"] = GitHub.OrganizationUrl }),
        ["limits"] = new JsonObject { ["maxRunners"] = 25 },
        ["warm"] = new JsonObject { ["standby"] = 1 },
        ["builder"] = new JsonObject { ["mode"] = "None" },
        ["template"] = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["hostAliases"] = new JsonArray(host.DeepClone()),
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "runner",
                    ["env"] = new JsonArray(
                        Variable("SANDBOX_SESSIONS", SessionsUrl + SessionEndpoint.Path),
                        Variable("SANDBOX_HOLD", SessionsUrl + "/released")),
                }),
            },
        },
    };

    public Task<bool> IsDefinedAsync() => CanGetAsync(Definition);

    /// <summary>
    /// Does what Helm does first where newer definitions are served by a server behind the server, which takes longer
    /// than Helm waits until the first of them is known in front.
    /// </summary>
    public async Task DefineAsync()
    {
        if (Node.Release.IsSupported)
            return;
        var yaml = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "runnerpools.yaml"), Stop);
        await Http.PostAsync($"{NamespaceRig.Definitions}?fieldManager=helm", Manifest.Yaml(yaml), Stop);
        while (!await CanGetAsync("/apis/runnerscaler.io/v1alpha1/runnerpools"))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
    }

    private async Task<bool> CanGetAsync(string path)
    {
        try
        {
            await Http.GetAsync(path, Stop);
            return true;
        }
        catch (KubeFailure failure) when (failure.Code is 404 or 429 or 503)
        {
            return false;
        }
    }

    /// <summary>The rule in which the two releases' definitions differ, as the cluster has it.</summary>
    public async Task<int> LimitAsync() => (await Http.GetAsync(Definition, Stop))["spec"]!["versions"]![0]!["schema"]![
        "openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["limits"]!["properties"]!["maxRunners"]!["maximum"]!
        .GetValue<int>();

    public async Task<IReadOnlyList<JsonObject>> PodsAsync(string selector) => [.. (await Http.GetAsync(
        $"/api/v1/namespaces/{Namespace}/pods?labelSelector={Uri.EscapeDataString(selector)}", Stop)).Objects("items")];

    /// <summary>Who leads, and since when.</summary>
    public async Task<(string Holder, DateTimeOffset? Acquired, DateTimeOffset? Renewed)> LeaseAsync()
    {
        var spec = (await Http.GetAsync(
            $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases/{Service}", Stop))["spec"]!;
        return (spec.Text("holderIdentity") ?? "", Time("acquireTime"), Time("renewTime"));

        DateTimeOffset? Time(string name) =>
            DateTimeOffset.TryParse(spec.Text(name), null, out var time) ? time : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in parts.AsEnumerable().Reverse())
            await part.DisposeAsync();
        client.Dispose();
        certificates.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>One of the pods that the Service has, by chance, as a cluster's network would choose it.</summary>
    private async Task<Uri> ClaimEndpointAsync()
    {
        var endpoints = await Http.GetAsync(
            $"/api/v1/namespaces/{Namespace}/endpoints/{Service}", CancellationToken.None);
        var ready = endpoints.Objects("subsets").SelectMany(s => s.Objects("addresses")).ToArray();
        if (ready.Length == 0)
            throw new InvalidOperationException("No controller is ready.");
        return new Uri($"https://{Random.Shared.GetItems(ready, 1)[0].Text("ip")}:8443");
    }

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };
}
