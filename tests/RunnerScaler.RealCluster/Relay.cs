using System.Net;
using System.Net.Sockets;

namespace RunnerScaler.RealCluster;

/// <summary>Passes connections on, as a Service would, and counts what the server is sent.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stop = new();
    private readonly Func<Task<Uri>> target;
    private readonly Task accepting;
    private long sent;

    public Relay(IPEndPoint at, Uri target)
        : this(at, () => Task.FromResult(target))
    {
    }

    /// <param name="target">Where to, asked for each connection.</param>
    public Relay(IPEndPoint at, Func<Task<Uri>> target)
    {
        this.target = target;
        listener = new TcpListener(at);
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>How many bytes the server has been sent.</summary>
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
            var to = await target();
            await far.ConnectAsync(to.Host, to.Port, stop.Token);
            await Task.WhenAny(
                CountAsync(near.GetStream(), far.GetStream()),
                far.GetStream().CopyToAsync(near.GetStream(), stop.Token));
        }
        catch (Exception e) when (
            e is SocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // One of the two is gone, or there is nobody: so is the connection.
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
