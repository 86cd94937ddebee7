using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using RunnerScaler.Control.Ports;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Asking;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>What arrives behind the proxy for Services, at the sandbox's API server and at a real one.</summary>
public sealed class EndpointProxyContractTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    /// <summary>Therefore the token is said a second time.</summary>
    [Theory, MemberData(nameof(Servers))]
    public async Task TheTokenOfTheApiServerDoesNotArriveAndOursDoes(string server)
    {
        var own = OwnAddress();
        Assert.SkipWhen(
            own is null, "this machine has no address but loopback, and the API server does not proxy to that");
        using var cluster = await clusters.OpenAsync(server);
        await using var behind = await StartAsync(own!);
        var port = new Uri(behind.Urls.Single()).Port;
        var root = $"/api/v1/namespaces/{cluster.Namespace}";
        await cluster.Http.PostAsync($"{root}/services", Json("""
            {"metadata": {"name": "a"}, "spec": {"ports": [{"name": "metrics", "port": 8080}]}}
            """), Stop);
        await cluster.Http.PostAsync($"{root}/endpoints", Json($$"""
            {"metadata": {"name": "a"}, "subsets": [
             {"addresses": [{"ip": "{{own}}"}], "ports": [{"name": "metrics", "port": {{port}}}]}]}
            """), Stop);
        using var api = new ApiServer(TypedConnection.Of(cluster.Typed), TimeProvider.System);
        var controller = new ProxiedController(api, new(cluster.Namespace, "a"), "mine");

        await UntilAsync("the address is known", async () =>
            (await controller.AskAsync("/x?y=z", "text/plain", Stop)).Ok);
        Assert.Equal(
            new ProxiedReply(200, "/x?y=z '' 'mine' text/plain"),
            await controller.AskAsync("/x?y=z", "text/plain", Stop));
        Assert.Equal(
            new ProxiedReply(404, "not here"), await controller.AskAsync("/none", "text/plain", Stop));
        Assert.StartsWith(
            $"There is no Service {cluster.Namespace}/b: ",
            (await new ProxiedController(api, new(cluster.Namespace, "b"), null).AskAsync(
                "/x", "text/plain, application/json;q=0.5", Stop)).Text, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(IPAddress address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, 0));
        var app = builder.Build();
        app.MapGet("/x", (HttpRequest request) => $"{request.Path}{request.QueryString} "
            + $"'{request.Headers.Authorization}' '{request.Headers[ApiHeaders.Token]}' {request.Headers.Accept}");
        app.MapGet("/none", () => Results.Text("not here", statusCode: 404));
        await app.StartAsync(Stop);
        return app;
    }

    private static IPAddress? OwnAddress() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)
                && !a.ToString().StartsWith("169.254.", StringComparison.Ordinal));
}
