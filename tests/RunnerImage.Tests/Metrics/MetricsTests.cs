using System.Net;
using System.Net.Sockets;
using System.Text;
using RunnerImage.Entrypoint;
using RunnerImage.Metrics;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Metrics;

public sealed class MetricsTests : IDisposable
{
    private readonly List<string> log = [];
    private readonly MetricsServer server;

    public MetricsTests() => server = Open(new IPEndPoint(IPAddress.Loopback, 0))!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => server.Dispose();

    [Fact]
    public void ThePageIsPrometheusText()
    {
        Build[] builds =
        [
            new(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(1.5), 9, 4),
            new(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(2), null, null),
            new(BuildCommand.Bake, BuildResult.Failure, TimeSpan.FromSeconds(3), 1, 0),
        ];
        var phases = new Phases { Builder = TimeSpan.FromSeconds(1.25), Claim = TimeSpan.FromSeconds(0.01) };
        Assert.Equal("""
            # HELP runnerscaler_pod_phase_seconds How long a part of the pod's start took.
            # TYPE runnerscaler_pod_phase_seconds gauge
            runnerscaler_pod_phase_seconds{phase="builder"} 1.25
            runnerscaler_pod_phase_seconds{phase="claim"} 0.01
            # HELP runnerscaler_pod_builder_ready 1 once the pod's builder has listened, else 0.
            # TYPE runnerscaler_pod_builder_ready gauge
            runnerscaler_pod_builder_ready 1
            # HELP runnerscaler_pod_builds_total Builds that have ended.
            # TYPE runnerscaler_pod_builds_total counter
            runnerscaler_pod_builds_total{command="bake",result="failure"} 1
            runnerscaler_pod_builds_total{command="build",result="success"} 2
            # HELP runnerscaler_pod_build_seconds_total How long they took together.
            # TYPE runnerscaler_pod_build_seconds_total counter
            runnerscaler_pod_build_seconds_total{command="bake",result="failure"} 3
            runnerscaler_pod_build_seconds_total{command="build",result="success"} 3.5
            # HELP runnerscaler_pod_build_steps_total Steps of builds, as far as known.
            # TYPE runnerscaler_pod_build_steps_total counter
            runnerscaler_pod_build_steps_total{command="bake",result="failure"} 1
            runnerscaler_pod_build_steps_total{command="build",result="success"} 9
            # HELP runnerscaler_pod_build_cached_steps_total Those of the steps that came from a cache.
            # TYPE runnerscaler_pod_build_cached_steps_total counter
            runnerscaler_pod_build_cached_steps_total{command="bake",result="failure"} 0
            runnerscaler_pod_build_cached_steps_total{command="build",result="success"} 4

            """, MetricsPage.Render(true, phases, builds));
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK", "the page")]
    [InlineData("GET /metrics?x=y HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "the page")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", "/metrics")]
    [InlineData("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", "GET")]
    [InlineData("hello\r\n\r\n", "HTTP/1.1 400 Bad Request", "HTTP")]
    public async Task OnlyGetIsAnswered(string request, string status, string body)
    {
        var answer = await AskAsync(Encoding.ASCII.GetBytes(request));
        Assert.StartsWith(status + "\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(body, answer.Split("\r\n\r\n")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndlessRequestIsRefused() => Assert.StartsWith("HTTP/1.1 400",
        await AskAsync(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nX: " + new string('x', 8192 - 26))),
        StringComparison.Ordinal);

    /// <summary>Clients that say nothing take all places, and are sent away when their time is over.</summary>
    [Fact]
    public async Task ClientsThatSayNothingDoNotStopIt()
    {
        var silent = new List<Socket>();
        for (var i = 0; i < 6; i++)
            silent.Add(await ConnectAsync());
        Assert.StartsWith("HTTP/1.1 200 OK", await AskAsync("GET /metrics HTTP/1.1\r\n\r\n"u8.ToArray()),
            StringComparison.Ordinal);
        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public void APortThatIsTakenIsNamedAndNothingMore()
    {
        Assert.Null(Open(new IPEndPoint(IPAddress.Loopback, server.Port)));
        Assert.Contains("RUNNERSCALER_METRICS_PORT", Assert.Single(log), StringComparison.Ordinal);
    }

    private MetricsServer? Open(IPEndPoint address) =>
        MetricsServer.Open(address, () => "the page", log.Add, new HurriedTime(50));

    private async Task<string> AskAsync(byte[] request)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(request, Cancel);
        using var stream = new StreamReader(new NetworkStream(socket));
        return await stream.ReadToEndAsync(Cancel);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), Cancel);
        return socket;
    }
}
