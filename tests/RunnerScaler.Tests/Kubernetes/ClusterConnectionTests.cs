using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class ClusterConnectionTests : IDisposable
{
    private readonly string kubeconfig = Path.GetTempFileName();

    public void Dispose() => File.Delete(kubeconfig);

    [Fact]
    public void NothingOfTheEnvironmentGoesToTheCluster()
    {
        Write("https://10.0.0.1:6443");
        var cluster = ClusterConnection.Configure(new KubernetesOptions { Kubeconfig = kubeconfig });
        using var handler = new SocketsHttpHandler();
        cluster.FirstMessageHandlerSetup(handler);
        Assert.False(handler.UseProxy);
        Assert.False(handler.UseCookies);
        Assert.False(handler.AllowAutoRedirect);
        Assert.Null(handler.Credentials);
    }

    [Fact]
    public async Task AFailureSaysWhereToAndWhy()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Write($"http://127.0.0.1:{port}");
        using var api = Api();
        var answer = await api.GetAsync("/version", TestContext.Current.CancellationToken);
        Assert.StartsWith($"the API server at 127.0.0.1:{port} cannot be reached: ", answer.Why,
            StringComparison.Ordinal);
        Assert.Contains("refused", answer.Why, StringComparison.OrdinalIgnoreCase);
    }

    private ApiServer Api() => new(
        ClusterConnection.Open(ClusterConnection.Configure(new KubernetesOptions { Kubeconfig = kubeconfig })),
        new FakeTimeProvider());

    private void Write(string server) => File.WriteAllText(kubeconfig, $$"""
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u} }]
        users: [{name: u, user: {token: t} }]
        clusters: [{name: c, cluster: {server: "{{server}}", insecure-skip-tls-verify: true} }]
        """);
}
