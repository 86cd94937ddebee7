using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RunnerScaler.Protocol;

namespace RunnerImage.Metrics;

/// <summary>
/// Serves <c>GET /metrics</c> on a plain socket: one short answer for each connection, few at a time, and none that
/// takes long.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    private const int MostClients = 4;
    private const int LargestHead = 8 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket socket;
    private readonly CancellationTokenSource over = new();
    private readonly SemaphoreSlim places = new(MostClients);
    private readonly Func<string> render;
    private readonly TimeProvider time;

    private MetricsServer(AddressFamily family, Func<string> render, TimeProvider time)
    {
        this.render = render;
        this.time = time;
        socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6)
            socket.DualMode = true;
    }

    /// <summary>The port it listens at.</summary>
    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <param name="port">The port; 0 for no server at all.</param>
    /// <param name="render">Makes the page.</param>
    /// <param name="log">Told if the port cannot be had; the pod works without it.</param>
    /// <param name="time">The clock.</param>
    public static MetricsServer? Start(int port, Func<string> render, Action<string> log, TimeProvider time) =>
        port == 0
            ? null
            : Open(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port), render, log, time);

    /// <summary>As <see cref="Start"/>, at any address.</summary>
    public static MetricsServer? Open(IPEndPoint address, Func<string> render, Action<string> log, TimeProvider time)
    {
        MetricsServer? server = null;
        try
        {
            server = new MetricsServer(address.AddressFamily, render, time);
            server.socket.Bind(address);
            server.socket.Listen(MostClients);
            _ = server.AcceptAsync();
            return server;
        }
        catch (SocketException error)
        {
            server?.Dispose();
            log($"no metrics: port {address.Port} cannot be used ({error.SocketErrorCode}); "
                + $"set {PodVariables.MetricsPort} to one that is free in the pod");
            return null;
        }
    }

    public void Dispose()
    {
        over.Cancel();
        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await places.WaitAsync(over.Token);
                _ = ServeAsync(await socket.AcceptAsync(over.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, over.Token);
        try
        {
            using (client)
            {
                await using var stream = new NetworkStream(client, ownsSocket: false);
                var answer = Answer(await RequestLineAsync(stream, either.Token));
                await stream.WriteAsync(answer, either.Token);
                client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
        {
            // The client's own affair.
        }
        finally
        {
            places.Release();
        }
    }

    private byte[] Answer(string? request) => request?.Split(' ') switch
    {
        ["GET", var target, _] when target.Split('?')[0] == "/metrics" =>
            Message("200 OK", "text/plain; version=0.0.4; charset=utf-8", render()),
        ["GET", _, _] => Message("404 Not Found", "text/plain", "The metrics are at /metrics.\n"),
        [_, _, _] => Message("405 Method Not Allowed\r\nAllow: GET", "text/plain", "Only GET is answered.\n"),
        _ => Message("400 Bad Request", "text/plain", "This is no HTTP request.\n"),
    };

    private static byte[] Message(string status, string type, string body) => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: "
        + Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)
        + $"\r\nConnection: close\r\n\r\n{body}");

    /// <summary>Reads a request to the end of its head, so that closing does not reset the connection.</summary>
    /// <returns>The first line; null if it is none.</returns>
    private static async Task<string?> RequestLineAsync(Stream stream, CancellationToken cancel)
    {
        var (head, length) = (new byte[LargestHead], 0);
        while (length < head.Length)
        {
            var read = await stream.ReadAsync(head.AsMemory(length), cancel);
            if (read == 0)
                return null;
            length += read;
            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                var line = head.AsSpan(0, head.AsSpan(0, length).IndexOf("\r\n"u8));
                return Encoding.ASCII.GetString(line);
            }
        }

        return null;
    }
}
