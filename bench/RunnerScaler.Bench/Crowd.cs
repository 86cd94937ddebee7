using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Bench;

/// <summary>
/// What thousands of connections that only sit there do to a controller: whether it still answers probes and claims,
/// how soon, whether jobs still get their runners, and what memory is left when they are gone.
/// </summary>
/// <param name="connections">How many, half of them to the claims' port with a handshake, half to that of health and
/// metrics.</param>
/// <param name="time">The clock.</param>
internal sealed class Crowd(int connections, TimeProvider time)
{
    private const int Asks = 100;

    /// <summary>Handshakes at a time: it is sitting there that is tried, not opening.</summary>
    private const int AtATime = 16;
    private const int Jobs = 20;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    /// <summary>The controller gives memory back once in a minute at most.</summary>
    private static readonly TimeSpan Emptying = TimeSpan.FromSeconds(90);

    public async Task<CrowdFigures> RunAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-bench-");
        await using var gitHub = await GitHubBox.StartAsync(
            ["app"], time, new Random(1), new RestFaults(new Random(2)));
        await using var cluster = await SandboxCluster.StartAsync(
            new() { Count = 1 }, gitHub.Organization, 1, time, folder.FullName);
        await cluster.Box.InstallAsync(gitHub, new() { MaxRunners = Jobs, Standby = Jobs }, time, cancel);
        await using var controller = ControllerProcess.Start(cluster.KubeConfigFor("controller"), folder.FullName);
        await controller.WaitUntilReadyAsync(time, cancel);
        await Task.Delay(Settling, time, cancel);
        var before = MemoryOf(controller);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var open = new Counter();
        using var places = new SemaphoreSlim(AtATime);
        var crowd = Enumerable.Range(0, connections)
            .Select(i => SitAsync(i % 2 == 0 ? controller.Claims : controller.Web, places, open, over.Token)).ToArray();
        var run = gitHub.Organization.QueueRun("acme/app", new WorkflowSpec("ci", new JobSpec("build")
        {
            Matrix = [.. Enumerable.Range(1, Jobs).Select(i => $"{i}")],
        }));
        var (probes, claims) = (new List<TimeSpan?>(), new List<TimeSpan?>());
        for (var i = 0; i < Asks; i++)
        {
            probes.Add(await AskAsync(HttpMethod.Get, new Uri(controller.Web, "/healthz"), HttpStatusCode.OK, cancel));
            claims.Add(await AskAsync(HttpMethod.Post, controller.Claims, HttpStatusCode.Unauthorized, cancel));
            await Task.Delay(Between, time, cancel);
        }
        var during = MemoryOf(controller);
        await over.CancelAsync();
        await Task.WhenAll(crowd);
        await Task.Delay(Emptying, time, cancel);
        var ended = gitHub.Organization.JobsOf(run.Id).Count(j => j.Conclusion == JobConclusion.Success);
        return new(
            connections, open.Count, Answered(probes), P95(probes), Answered(claims), P95(claims), ended, before,
            during, MemoryOf(controller));
    }

    private static double Answered(List<TimeSpan?> asked) => (double)asked.Count(a => a is not null) / asked.Count;

    private static double? P95(List<TimeSpan?> asked) =>
        asked.Order().ElementAtOrDefault((int)(asked.Count * 0.95))?.TotalMilliseconds;

    private static double MemoryOf(ControllerProcess controller)
    {
        controller.Sample();
        return controller.Memory / 1048576.0;
    }

    /// <summary>Asks on a connection of its own; null if there is no such answer within a kubelet's patience.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "Who waits is tried here, not who answers")]
    private async Task<TimeSpan?> AskAsync(
        HttpMethod method, Uri address, HttpStatusCode expected, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectFromElsewhereAsync };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new("Bearer", "e30.e30.e30");
        var start = time.GetTimestamp();
        try
        {
            using var answer = await http.SendAsync(request, cancel);
            return answer.StatusCode == expected ? time.GetElapsedTime(start) : null;
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>From another address than the crowd, as a kubelet and pods do.</summary>
    private static async ValueTask<Stream> ConnectFromElsewhereAsync(
        SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        await socket.ConnectAsync(context.DnsEndPoint, cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Opens a connection, and does nothing with it until the controller closes it.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "Who waits is tried here, not who answers")]
    private static async Task SitAsync(Uri address, SemaphoreSlim places, Counter opened, CancellationToken over)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await places.WaitAsync(over);
            try
            {
                await socket.ConnectAsync(address.Host, address.Port, over);
            }
            finally
            {
                places.Release();
            }
            await using Stream plain = new NetworkStream(socket);
            await using var stream =
                address.Scheme == "https" ? new SslStream(plain, false, (_, _, _, _) => true) : plain;
            if (stream is SslStream secure)
                await secure.AuthenticateAsClientAsync(new() { TargetHost = "x" }, over);
            opened.Add();
            _ = await stream.ReadAsync(new byte[16], over);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Closed by the controller, or over.
        }
    }

    private sealed class Counter
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public void Add() => Interlocked.Increment(ref count);
    }
}

/// <param name="Connections">How many came.</param>
/// <param name="Opened">How many of them were let in.</param>
/// <param name="ProbesAnswered">The part of <c>/healthz</c> that was answered within 5 s.</param>
/// <param name="ProbeP95Milliseconds">95 of 100 were answered within this.</param>
/// <param name="ClaimsAnswered">The part of claims with a token of nobody that were refused within 5 s.</param>
/// <param name="ClaimP95Milliseconds">95 of 100 were refused within this.</param>
/// <param name="JobsEnded">Of twenty jobs that were queued beside them, those that have ended well since.</param>
/// <param name="BeforeMiB">Working set before they came.</param>
/// <param name="DuringMiB">While they sat there.</param>
/// <param name="AfterMiB">A minute and a half after the last was closed.</param>
internal sealed record CrowdFigures(
    int Connections, int Opened, double ProbesAnswered, double? ProbeP95Milliseconds, double ClaimsAnswered,
    double? ClaimP95Milliseconds, int JobsEnded, double BeforeMiB, double DuringMiB, double AfterMiB);
