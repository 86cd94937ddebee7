using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Web;

/// <summary>Connections that only sit there keep nobody out, and do not stay.</summary>
public sealed class CrowdTests : IAsyncDisposable
{
    private const int Many = 400;

    private readonly List<Stream> crowd = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in crowd)
            await stream.DisposeAsync();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("tls")]
    [InlineData("no handshake")]
    [InlineData("half a request")]
    [InlineData("half a request to metrics")]
    public async Task ClaimsAndProbesAreAnsweredBesideThem(string kind)
    {
        await using var host = await EndpointHost.StartAsync();
        host.Review = _ => new ReviewResult.Pod(new PodIdentity("ci", "linux-7", "u-7"));
        host.Answer = (_, _) => Task.FromResult<ClaimAnswer>(new ClaimAnswer.Standby());
        for (var i = 0; i < Many; i++)
            await JoinAsync(host, kind);

        for (var i = 0; i < 10; i++)
        {
            using var client = EndpointHost.Client();
            using var health = await client.GetAsync(new Uri(host.Plain, "/healthz"), Cancel);
            using var claim = await host.ClaimAsync("a.b.c");
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NoContent), (health.StatusCode, claim.StatusCode));
        }
        await Task.WhenAll(crowd.Select(EndAsync));
    }

    [Fact]
    public async Task AHeldClaimOutlivesTheConnectionsWithoutOne()
    {
        await using var host = await EndpointHost.StartAsync();
        host.Review = _ => new ReviewResult.Pod(new PodIdentity("ci", "linux-7", "u-7"));
        var answer = new TaskCompletionSource<ClaimAnswer>();
        var arrived = new TaskCompletionSource();
        host.Answer = (_, _) =>
        {
            arrived.TrySetResult();
            return answer.Task;
        };
        var claim = host.ClaimAsync("a.b.c");
        await arrived.Task.WaitAsync(Cancel);
        for (var i = 0; i < 300; i++)
            await JoinAsync(host, "no handshake");
        await Task.WhenAll(crowd.Select(EndAsync));

        answer.SetResult(new ClaimAnswer.Standby());

        using var response = await claim;
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [SuppressMessage("Security", "CA5359", Justification = "Who waits is tried here, not who answers")]
    private async Task JoinAsync(EndpointHost host, string kind)
    {
        var toMetrics = kind is "plain" or "half a request to metrics";
        var address = toMetrics ? host.Plain : host.Claims;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port, Cancel);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        crowd.Add(stream);
        if (kind is "tls" or "half a request")
        {
            var secure = new SslStream(stream, false, (_, _, _, _) => true);
            crowd[^1] = secure;
            await secure.AuthenticateAsClientAsync(new() { TargetHost = "x" }, Cancel);
            stream = secure;
        }
        if (kind.StartsWith("half", StringComparison.Ordinal))
            await stream.WriteAsync("POST /claims HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Cancel);
    }

    /// <summary>Waits until the server has closed it.</summary>
    private static async Task EndAsync(Stream stream)
    {
        try
        {
            var buffer = new byte[1024];
            while (await stream.ReadAsync(buffer, Cancel) > 0)
            {
                // An answer such as 408 comes before the end.
            }
        }
        catch (IOException)
        {
            // Reset: closed as well.
        }
    }
}
