using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunnerImage.Tests.Images;

/// <summary>A proxy that leads to this machine, whatever name is asked for, if it is told the password.</summary>
internal sealed class UpstreamProxy : IDisposable
{
    public const string User = "pod";
    public const string Password = "pr0xy";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource over = new();
    private readonly ConcurrentQueue<string> asked = new();

    public UpstreamProxy()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>What it was asked to lead to, host and port.</summary>
    public IReadOnlyList<string> Asked => [.. asked];

    public string Address => $"http://{User}:{Password}@{listener.LocalEndpoint}";

    public void Dispose()
    {
        over.Cancel();
        listener.Dispose();
        over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = LeadAsync(await listener.AcceptTcpClientAsync(over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It is over.
        }
    }

    private async Task LeadAsync(TcpClient accepted)
    {
        using var client = accepted;
        try
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, bufferSize: 128, leaveOpen: true);
            var lines = new List<string>();
            while (await reader.ReadLineAsync(over.Token) is { Length: > 0 } line)
                lines.Add(line);
            var target = lines[0].Split(' ')[1];
            var isKnown = lines.Contains("Proxy-Authorization: Basic "
                + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}")));
            if (!isKnown)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 407 Proxy Authentication Required\r\n"
                    + "Proxy-Authenticate: Basic realm=\"here\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                    over.Token);
                return;
            }

            asked.Enqueue(target);
            using var server = new TcpClient();
            await server.ConnectAsync(
                IPAddress.Loopback, int.Parse(target.Split(':')[1], null), over.Token);
            await stream.WriteAsync("HTTP/1.1 200 Connected\r\n\r\n"u8.ToArray(), over.Token);
            await Task.WhenAny(
                stream.CopyToAsync(server.GetStream(), over.Token), server.GetStream().CopyToAsync(stream, over.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // Whoever has asked sees it.
        }
    }
}
