using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using RunnerScaler.Hosting;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Sandbox.Scenario;
using RunnerScaler.Web;
using GitHubServer = RunnerScaler.Sandbox.Box.GitHubBox;

namespace RunnerScaler.Integration.Whole;

/// <summary>How a controller's surroundings differ from others'.</summary>
internal sealed record BoxShape
{
    public PoolSettings Pool { get; init; } =
        new() { MaxRunners = 5, Standby = 0, Builder = "None", IdleSeconds = 10 };

    public NodeOptions Nodes { get; init; } = new()
    {
        Nodes = NodeOptions.Many(1, cpu: 64, memoryGi: 256, 60),
        Pull = Delay.Milliseconds(1, 5),
        Start = Delay.Milliseconds(1, 5),
    };

    /// <summary>What runs in the pods, instead of the runner that it is given.</summary>
    public Func<IPodProgram, IPodProgram> Program { get; init; } = runner => runner;

    public RestLimits Limits { get; init; } = new();

    /// <summary>The controller's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Options of the controller, without the root.</summary>
    public Dictionary<string, string> Options { get; init; } = [];
}

/// <summary>A condition as <c>docs/conditions.md</c> has a row for it.</summary>
internal sealed record ConditionRow(string Type, string Status, string Reason)
{
    public override string ToString() => $"{Type} {Status} {Reason}";
}

/// <summary>
/// The whole controller, in this process, at work for one pool: the sandbox's API server, nodes and GitHub around it.
/// </summary>
internal sealed class ControllerBox : IAsyncDisposable
{
    public const string Controller = "controller";
    public const string Own = "runnerscaler";
    public const string Repository = "app";

    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly List<k8s.Kubernetes> clients = [];
    private readonly KubeApiHost host;
    private readonly Lines lines = new();
    private readonly BoxShape shape;
    private readonly HashSet<ConditionRow> seen = [];
    private Task nodes = Task.CompletedTask;
    private readonly List<WebApplication> others = [];
    private WebApplication? app;

    private ControllerBox(KubeApiHost host, GitHubServer gitHub, RestFaults faults, BoxShape shape)
    {
        (this.host, GitHub, Faults, this.shape) = (host, gitHub, faults, shape);
        Box = new ClusterBox(ClientFor("people"));
        Http = new KubeHttp(ClientFor("test"));
    }

    public GitHubServer GitHub { get; }

    /// <summary>Where the controller, once started, answers <c>/metrics</c>.</summary>
    public Uri Web => WebOf(app!);

    public Organization Organization => GitHub.Organization;

    /// <summary>What goes wrong at GitHub.</summary>
    public RestFaults Faults { get; }

    public ClusterBox Box { get; }

    public KubeHttp Http { get; }

    public KubeApi Api => host.Api;

    public Uri ApiAddress => host.Address;

    public AccessRules Access => host.Api.Access;

    /// <summary>The rows of <c>docs/conditions.md</c> that were waited for, and came.</summary>
    public IReadOnlySet<ConditionRow> Seen => seen;

    /// <summary>What the controller has logged.</summary>
    public IReadOnlyCollection<string> Log => lines.All;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A cluster with a pool that serves an organisation; the controller is to be started.</summary>
    public static async Task<ControllerBox> OpenAsync(BoxShape? shape = null)
    {
        shape ??= new();
        var time = TimeProvider.System;
        var faults = new RestFaults(new Random(2));
        var gitHub = await GitHubServer.StartAsync(
            [Repository, "lib"], time, new Random(1), faults, limits: shape.Limits);
        var store = new ObjectStore(time, new Random(3));
        var api = new KubeApi(store, time, new KubeFaults(new Random(4)));
        var box = new ControllerBox(await KubeApiHost.StartAsync(api, time.GetUtcNow()), gitHub, faults, shape);
        box.Access.User = Controller;
        await box.Http.PostAsync("/api/v1/namespaces", TestCluster.Named(Own), Stop);
        await box.Box.PrepareAsync(gitHub, time, Stop);
        await box.Http.PostAsync(
            $"/api/v1/namespaces/{ClusterBox.Namespace}/serviceaccounts", TestCluster.Named("default"), Stop);
        await box.Box.AddPoolAsync(
            ClusterBox.PoolName, ClusterBox.Spec(gitHub.OrganizationUrl, shape.Pool), Stop);
        var program = shape.Program(
            new RunnerProgram(new OrganizationBackend(gitHub.Organization, time), time, new Random(5)));
        box.nodes = new NodeSimulator(box.ClientFor("nodes"), shape.Nodes, program, time, new Random(6))
            .RunAsync(box.stop.Token);
        return box;
    }

    /// <summary>Starts the controller. Rights that are missing by now are missing from its first request on.</summary>
    /// <param name="api">Where it finds the API server, if not at its own address.</param>
    public async Task StartAsync(Uri? api = null) => app = await BuildAndStartAsync(api);

    /// <summary>Starts a further replica, which does not lead while the first one lives.</summary>
    /// <returns>Where it answers what the first one answers at <see cref="Web"/>.</returns>
    public async Task<Uri> StartAnotherAsync()
    {
        others.Add(await BuildAndStartAsync(null));
        return WebOf(others[^1]);
    }

    private static Uri WebOf(WebApplication app) =>
        new(app.Services.Addresses().Single(a => a.StartsWith("http:", StringComparison.Ordinal)));

    private async Task<WebApplication> BuildAndStartAsync(Uri? api)
    {
        var claims = FreePorts.Take(1)[0];
        var config = Path.Combine(folder, "kubeconfig");
        host.WriteKubeConfig(config, Controller);
        if (api is not null)
            await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config, Stop)).Replace(
                $":{ApiAddress.Port}", $":{api.Port}", StringComparison.Ordinal), Stop);
        KeyValuePair<string, string?>[] options =
        [
            Option("Process:LogLevel", "Debug"),
            Option("Control:Resync", "5s"),
            Option("Kubernetes:Kubeconfig", config),
            Option("Kubernetes:OwnNamespace", Own),
            Option("Kubernetes:RunnerImage", "sandbox/runner:1"),
            Option("Kubernetes:ClaimsUrl", $"https://127.0.0.1:{claims}/claims"),
            Option("Web:Address", "127.0.0.1"),
            Option("Web:Port", "0"),
            Option("Web:ClaimsAddress", "127.0.0.1"),
            Option("Web:ClaimsPort", $"{claims}"),
            .. shape.Options.Select(o => Option(o.Key, o.Value)),
        ];
        var built = ScalerHost.Build(
            options.GroupBy(o => o.Key).Select(same => same.Last()), time: shape.Time);
        built.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await built.StartAsync(Stop);
        return built;
    }

    /// <summary>Starts the controller, and waits until the pool is served.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public async Task StartReadyAsync(Uri? api = null)
    {
        await StartAsync(api);
        await UntilAsync("Ready", "True", "Serving");
        await UntilAsync("QueueRead", "True", "Read");
    }

    /// <summary>Makes the Service that the chart makes, which leads there.</summary>
    public async Task ServeAtServiceAsync(string name, Uri to)
    {
        const string core = $"/api/v1/namespaces/{Own}";
        var service = TestCluster.Named(name);
        service["metadata"]!["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "runnerscaler" };
        service["spec"] = TestCluster.Json("""{"ports": [{"name": "metrics", "port": 8080}]}""");
        await Http.PostAsync($"{core}/services", service, Stop);
        var endpoints = TestCluster.Named(name);
        endpoints["subsets"] = new JsonArray(TestCluster.Json($$"""
            {"addresses": [{"ip": "{{to.Host}}"}], "ports": [{"name": "metrics", "port": {{to.Port}}}]}
            """));
        await Http.PostAsync($"{core}/endpoints", endpoints, Stop);
    }

    /// <summary>A job is queued that runs for so long.</summary>
    public Run Queue(double seconds = 0.2, int jobs = 1, params string[] labels) => Organization.QueueRun(
        $"{GitHubServer.Owner}/{Repository}",
        new WorkflowSpec("ci", new JobSpec("build")
        {
            RunsOn = labels.Length == 0 ? ["self-hosted", "linux"] : labels,
            Duration = TimeSpan.FromSeconds(seconds),
            Matrix = [.. Enumerable.Range(0, jobs).Select(i => $"{i}")],
        }));

    /// <summary>A job of a fork's pull request is queued.</summary>
    public Run QueueFork() => Organization.QueueRun(
        $"{GitHubServer.Owner}/{Repository}",
        new WorkflowSpec("ci", new JobSpec("build") { RunsOn = ["self-hosted", "linux"] })
        {
            Event = "pull_request",
            IsOfFork = true,
        });

    /// <summary>Waits until the pool's condition is as it should be, and returns it.</summary>
    public async Task<JsonObject> UntilAsync(string type, string status, string? reason = null)
    {
        JsonObject? found = null;
        await HoldsAsync($"{type}={status} {reason}", () =>
        {
            found = Condition(type);
            return found.Text("status") == status && (reason is null || found.Text("reason") == reason)
                && found.Number("observedGeneration") == Pool()!.Value["metadata"].Number("generation");
        });
        Assert.InRange(found.Text("message")!.Length, 1, 1024);
        Assert.DoesNotContain(found.Text("message")!, char.IsControl);
        seen.Add(new ConditionRow(type, status, found.Text("reason")!));
        return found!;
    }

    /// <summary>Changes fields of the pool's spec, as <c>kubectl patch --type merge</c> does.</summary>
    public Task EditAsync(JsonObject spec) => Http.PatchAsync(
        $"/apis/runnerscaler.io/v1alpha1/namespaces/{ClusterBox.Namespace}/runnerpools/{ClusterBox.PoolName}",
        new JsonObject { ["spec"] = spec }, KubeHttp.MergePatchType, Stop);

    /// <summary>Waits until something holds; says what the pool's conditions are if it does not.</summary>
    public async Task HoldsAsync(string what, Func<bool> holds)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        late.CancelAfter(TimeSpan.FromSeconds(180));
        while (!holds())
        {
            if (late.IsCancellationRequested)
                Assert.Fail($"after 180 s still not so: {what}\n{Pool()?.Value["status"]}\n"
                    + string.Join('\n', Log.TakeLast(40)));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    public JsonObject? Condition(string type) => (Pool()?.Value["status"]?["conditions"] as JsonArray)
        ?.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type);

    public bool HasPods => Api.Store.List(KnownTypes.Pods, Selector.All).Items.Count > 0;

    /// <summary>Whether an Event with this reason is on the pool.</summary>
    public bool HasEvent(string reason) => Api.Store.List(KnownTypes.Events, Selector.All).Items
        .Any(e => e.Value.Text("reason") == reason);

    public async Task<(int Code, string Body)> GetAsync(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(Web, path), Stop);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>The controller ends, and is not started again.</summary>
    public async Task StopControllerAsync()
    {
        await app!.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        app = null;
    }

    /// <summary>A kubeconfig of one of those who work with the cluster.</summary>
    public string ConfigOf(string user)
    {
        var path = Path.Combine(folder, user);
        host.WriteKubeConfig(path, user);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in others)
        {
            await other.StopAsync(CancellationToken.None);
            await other.DisposeAsync();
        }
        if (app is not null)
            await StopControllerAsync();
        await stop.CancelAsync();
        await nodes;
        foreach (var client in clients)
            client.Dispose();
        await host.DisposeAsync();
        await GitHub.DisposeAsync();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private StoredObject? Pool() =>
        Api.Store.FindType("runnerscaler.io", "v1alpha1", "runnerpools") is { } type
            ? Api.Store.Find(type, ClusterBox.Namespace, ClusterBox.PoolName)
            : null;

    private k8s.Kubernetes ClientFor(string user)
    {
        var client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(ConfigOf(user)));
        clients.Add(client);
        return client;
    }

    private static KeyValuePair<string, string?> Option(string name, string value) =>
        new($"RunnerScaler:{name}", value);

    /// <summary>Every line of the log.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> all = new();

        public IReadOnlyCollection<string> All => all;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            all.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{logLevel}: {formatter(state, exception)}"));

        public void Dispose()
        {
        }
    }
}
