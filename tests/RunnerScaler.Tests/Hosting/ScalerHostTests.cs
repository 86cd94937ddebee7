using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Web;

namespace RunnerScaler.Tests.Hosting;

/// <summary>The whole process, composed as it is when it runs, against an API server in a box.</summary>
public sealed class ScalerHostTests : IAsyncDisposable
{
    private const string Definition = """
        {"metadata":{"name":"runnerpools.runnerscaler.io"},
         "spec":{"group":"runnerscaler.io","scope":"Namespaced","names":{"plural":"runnerpools","kind":"RunnerPool"},
          "versions":[{"name":"v1alpha1","served":true,"storage":true,"subresources":{"status":{}},
           "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """;

    private readonly string kubeconfig = Path.GetTempFileName();
    private readonly ObjectStore store = new(TimeProvider.System, new Random(1));
    private KubeApiHost? cluster;
    private WebApplication? app;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ItGetsKeysFillsItsCachesLeadsAndGivesTheLeaseBack()
    {
        store.Create(KnownTypes.CustomResourceDefinitions, null, JsonNode.Parse(Definition)!.AsObject());
        await StartAsync();

        await UntilAsync("/readyz", body => body == "ok\n");
        await UntilAsync("/metrics", body => body.Contains("\nrunnerscaler_leader 1\n", StringComparison.Ordinal));
        using var claim = await ClaimAsync();
        var holder = Holder();
        await app!.StopAsync(Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, claim.StatusCode);
        Assert.NotEqual("", holder);
        Assert.Equal("", Holder());
        Assert.Equal(ExitCode.Success, app.Services.GetRequiredService<ExitCode>().Value);
    }

    [Fact]
    public async Task WithoutTheCustomResourceItIsAliveButNotReady()
    {
        await StartAsync();

        await UntilAsync("/healthz", body => body == "ok\n");
        await UntilAsync("/readyz", body => !body.Contains("pods", StringComparison.Ordinal));
        await UntilAsync("/readyz", body => body == "The RunnerPools have not been listed yet.\n");

        Assert.Equal("no lease", Holder());
    }

    [Fact]
    public async Task ASettingsFileThatIsNoJsonIsToldInOneLine()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), "{ 5", Cancel);

            var wrong = Assert.Throws<InvalidDataException>(() => ScalerHost.Build([], folder.FullName));

            Assert.Contains("line", wrong.GetBaseException().Message, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AKubeconfigThatCannotBeUsedIsAWrongOption()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await ScalerHost.RunAsync(
            ["--Kubernetes:Kubeconfig=/no/such/file", "--Kubernetes:ClaimsUrl=https://localhost/claims"],
            output,
            error);

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith(
            "Kubernetes:Kubeconfig (RUNNERSCALER__Kubernetes__Kubeconfig) is '/no/such/file': ",
            Assert.Single(error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortThatIsTakenIsToldInOneLine()
    {
        await StartAsync();
        var taken = Address("http").Port;
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await ScalerHost.RunAsync(
            [.. Options().Select(option => $"--{option.Path}={option.Value}"), $"--Web:Port={taken}"], output, error);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains($"127.0.0.1:{taken}", error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        File.Delete(kubeconfig);
    }

    private async Task StartAsync()
    {
        var api = new KubeApi(store, TimeProvider.System, new KubeFaults(new Random(2)));
        cluster = await KubeApiHost.StartAsync(api, TimeProvider.System.GetUtcNow());
        cluster.WriteKubeConfig(kubeconfig, "runnerscaler");
        app = ScalerHost.Build(Options().Select(o => KeyValuePair.Create($"RunnerScaler:{o.Path}", (string?)o.Value)));
        await app.StartAsync(Cancel);
    }

    private IEnumerable<(string Path, string Value)> Options() =>
    [
        ("Process:LogLevel", "None"),
        ("Kubernetes:Kubeconfig", kubeconfig),
        ("Kubernetes:ClaimsUrl", "https://localhost:8443/claims"),
        ("Web:Address", "127.0.0.1"),
        ("Web:Port", "0"),
        ("Web:ClaimsAddress", "127.0.0.1"),
        ("Web:ClaimsPort", "0"),
    ];

    private Uri Address(string scheme) =>
        app!.Services.Addresses().Select(address => new Uri(address)).Single(uri => uri.Scheme == scheme);

    private string Holder() => store.Find(KnownTypes.Leases, "default", "runnerscaler") is { } lease
        ? lease.Value["spec"]!["holderIdentity"]?.GetValue<string>() ?? ""
        : "no lease";

    private async Task UntilAsync(string path, Func<string, bool> holds)
    {
        using var client = new HttpClient();
        var uri = new Uri(Address("http"), path);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var response = await client.GetAsync(uri, late.Token);
            if (holds(await response.Content.ReadAsStringAsync(late.Token)))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), late.Token);
        }
    }

    /// <summary>A claim without a token, by a client that trusts the authority in the Secret, and no other.</summary>
    private async Task<HttpResponseMessage> ClaimAsync()
    {
        var secret = store.Find(KnownTypes.Secrets, "default", "runnerscaler-claims")!;
        var bundle = new X509Certificate2Collection();
        bundle.ImportFromPem(System.Text.Encoding.UTF8.GetString(
            Convert.FromBase64String(secret.Value["data"]!["ca.crt"]!.GetValue<string>())));
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.AddRange(bundle);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
        });
        var endpoint = new Uri($"https://localhost:{Address("https").Port}/claims");
        return await client.PostAsync(endpoint, content: null, Cancel);
    }
}
