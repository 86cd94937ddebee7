using System.Net;
using System.Net.Sockets;

namespace RunnerScaler.Bench.Images;

/// <summary>Passes connections on to a server of this machine, and counts the bytes that it is sent.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly IPEndPoint target;
    private readonly Task accepting;
    private long sent;

    public CountingRelay(IPEndPoint target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>How much the server has been sent.</summary>
    public long Sent => Interlocked.Read(ref sent);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(PassAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(target, stop.Token);
            await Task.WhenAny(
                CountAsync(near.GetStream(), far.GetStream()),
                far.GetStream().CopyToAsync(near.GetStream(), stop.Token));
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // One of the two is gone: so is the connection.
        }
    }

    private async Task CountAsync(Stream from, Stream to)
    {
        var buffer = new byte[1 << 18];
        while (await from.ReadAsync(buffer, stop.Token) is > 0 and var read)
        {
            Interlocked.Add(ref sent, read);
            await to.WriteAsync(buffer.AsMemory(0, read), stop.Token);
        }
    }
}
