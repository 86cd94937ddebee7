using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Asking;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>What arrives behind the proxy for Services of the sandbox's API server.</summary>
public sealed class EndpointProxyTests(ClusterFixture clusters)
{
    /// <summary>Therefore the token is said a second time.</summary>
    [Fact]
    public async Task TheTokenOfTheApiServerDoesNotArriveAndOursDoes()
    {
        var own = IPAddress.Loopback;
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        await using var behind = await StartAsync(own);
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
}
