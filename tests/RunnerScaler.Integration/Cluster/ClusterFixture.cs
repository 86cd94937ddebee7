using System.Text.Json.Nodes;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

[assembly: AssemblyFixture(typeof(RunnerScaler.Integration.Cluster.ClusterFixture))]

namespace RunnerScaler.Integration.Cluster;

/// <summary>
/// The API servers that contract tests run against, each started at its first use and shared: the sandbox's always,
/// a real one where <c>KUBEBUILDER_ASSETS</c> names its programs. If that is older than what the controller supports,
/// a newer one serves its custom resources, where <c>RUNNERSCALER_MODERN_ASSETS</c> has that.
/// </summary>
public sealed class ClusterFixture : IAsyncDisposable
{
    public const string Sandbox = "sandbox";
    public const string Real = "real";

    /// <summary>The groups of all definitions that tests make at the real server.</summary>
    private static readonly string[] Groups =
    [
        "v1alpha1.runnerscaler.io", $"v1alpha1.{ArcImportTests.Group}", $"v1.{CustomResourceContractTests.Group}",
    ];

    private readonly SemaphoreSlim gate = new(1);
    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-").FullName;
    private KubeApiHost? sandbox;
    private RealApiServer? real;
    private int namespaces;

    /// <summary>Both kinds of server, for theories.</summary>
    public static TheoryData<string> Servers => [Sandbox, Real];

    /// <summary>
    /// A namespace of its own at a server; the test is skipped when the real server cannot be started.
    /// </summary>
    internal async Task<TestCluster> OpenAsync(string server)
    {
        Assert.SkipWhen(server == Real && RealApiServer.WhyNot() is not null, RealApiServer.WhyNot() ?? "");
        var config = Path.Combine(folder, $"{server}.kubeconfig");
        await gate.WaitAsync();
        try
        {
            if (server == Real && real is null)
            {
                var release = await RealApiServer.ReleaseAsync();
                real = await RealApiServer.StartAsync(
                    TimeProvider.System,
                    newerCrds: release.IsSupported || CrdServer.WhyNot() is not null ? [] : Groups);
                real.WriteKubeConfig(config, RealApiServer.Admin);
            }
            else if (server == Sandbox && sandbox is null)
            {
                var store = new ObjectStore(TimeProvider.System, new Random(1));
                var api = new KubeApi(store, TimeProvider.System, new KubeFaults(new Random(2)));
                sandbox = await KubeApiHost.StartAsync(api, TimeProvider.System.GetUtcNow());
                sandbox.WriteKubeConfig(config, "test");
            }
        }
        finally
        {
            gate.Release();
        }
        return await TestCluster.OpenAsync(
            config, $"test-{Interlocked.Increment(ref namespaces)}",
            server == Real ? await RealApiServer.ReleaseAsync() : null);
    }

    /// <summary>
    /// Starts a garbage collector for the real server, which has none of its own; the sandbox's collects by itself.
    /// </summary>
    internal async Task<IAsyncDisposable> CollectAsync()
    {
        var release = await RealApiServer.ReleaseAsync();
        return ChildProgram.Start(
            Path.Combine(Environment.GetEnvironmentVariable(RealApiServer.AssetsVariable)!, "kube-controller-manager"),
            [
                "--kubeconfig", Path.Combine(folder, $"{Real}.kubeconfig"), "--leader-elect=false", "--secure-port=0",
                .. release.InsecurePortFlags, "--controllers=garbagecollector",
            ]);
    }

    public async ValueTask DisposeAsync()
    {
        if (sandbox is not null)
            await sandbox.DisposeAsync();
        if (real is not null)
            await real.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        gate.Dispose();
    }
}

/// <summary>A fresh namespace with a service account, and clients for it.</summary>
internal sealed class TestCluster : IDisposable
{
    public const string Account = "runner";

    /// <summary>What the sandbox says it is.</summary>
    private static readonly KubeRelease SandboxRelease = new(36);

    private TestCluster(string kubeConfig, string ns, KubeRelease? real)
    {
        (KubeConfigPath, Typed) = (kubeConfig, KubeHttp.Connect(kubeConfig));
        (Namespace, IsReal, Release) = (ns, real is not null, real ?? SandboxRelease);
        Http = new KubeHttp(Typed);
    }

    public string KubeConfigPath { get; }

    public k8s.Kubernetes Typed { get; }

    public KubeHttp Http { get; }

    public string Namespace { get; }

    public bool IsReal { get; }

    public KubeRelease Release { get; }

    /// <summary>Why its custom resources are older than those of supported releases; null if they are not.</summary>
    public string? WhyOldCrds => Release.IsSupported ? null : CrdServer.WhyNot();

    public string Pods => $"/api/v1/namespaces/{Namespace}/pods";

    public string ConfigMaps => $"/api/v1/namespaces/{Namespace}/configmaps";

    public string Accounts => $"/api/v1/namespaces/{Namespace}/serviceaccounts";

    public string Leases => $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases";

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> OpenAsync(string kubeConfig, string ns, KubeRelease? real)
    {
        var cluster = new TestCluster(kubeConfig, ns, real);
        await cluster.Http.PostAsync("/api/v1/namespaces", Named(ns), Stop);
        await cluster.Http.PostAsync(cluster.Accounts, Named(Account), Stop);
        return cluster;
    }

    public Task<JsonObject> AddPodAsync(string name, string metadata = "{}") =>
        Http.PostAsync(Pods, Pod(name, metadata), Stop);

    public async Task<JsonObject> AddBoundPodAsync(string name)
    {
        await AddPodAsync(name);
        await Http.PostAsync($"{Pods}/{name}/binding", Binding(name, "node-1"), Stop);
        // Version 0 is answered from the server's own cache, which decides whether a deletion waits for a kubelet.
        await UntilAsync("the server's cache shows the node", async () => !IsReal
            || (await Http.GetAsync($"{Pods}/{name}?resourceVersion=0", Stop))["spec"]?["nodeName"] is not null);
        return await Http.GetAsync($"{Pods}/{name}", Stop);
    }

    public Task<JsonObject> AddConfigAsync(string name, string metadata = "{}")
    {
        var body = Json($$"""{"data":{"k":"v"},"metadata":{{metadata}} }""");
        body["metadata"]!["name"] = name;
        return Http.PostAsync(ConfigMaps, body, Stop);
    }

    public static JsonObject Pod(string name, string metadata = "{}")
    {
        var pod = Json($$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{{{metadata}}},"spec":{"restartPolicy":"Never",
             "serviceAccountName":"{{{Account}}}","containers":[{"name":"runner","image":"runner:1",
              "env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"} } }]}]}}
            """);
        pod["metadata"]!["name"] = name;
        return pod;
    }

    public static JsonObject Binding(string pod, string node) => Json($$$"""
        {"apiVersion":"v1","kind":"Binding","metadata":{"name":"{{{pod}}}"},
         "target":{"apiVersion":"v1","kind":"Node","name":"{{{node}}}"} }
        """);

    public static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>The refusal that a request must meet.</summary>
    public static async Task<KubeFailure> RefusalAsync(int code, string reason, Func<Task> request)
    {
        var failure = await Assert.ThrowsAsync<KubeFailure>(request);
        Assert.Equal((code, reason), (failure.Code, failure.Reason));
        return failure;
    }

    /// <summary>
    /// Waits until objects of a new type can be listed: before, it is unknown, or its storage is being made, or the
    /// server behind the server does not know it yet.
    /// </summary>
    public Task UntilServedAsync(string path) => UntilAsync("the type is served", async () =>
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
    });

    /// <summary>Waits until a condition holds; fails the test after two minutes.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var most = TimeSpan.FromMinutes(2);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(most);
        while (!await holds())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"after {most} still not so: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    public void Dispose() => Typed.Dispose();
}
