using System.Net.Sockets;

namespace RunnerImage.Http;

/// <summary>
/// Answers requests on a socket that only programs of this pod reach, one for each connection.
/// </summary>
internal sealed class HttpSocket : IDisposable
{
    private const int Waiting = 64;

    /// <summary>How long the other side may say nothing after its answer before it is left.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket socket;
    private readonly Action<HttpRequest, HttpReply> handle;
    private readonly CancellationTokenSource over = new();

    private HttpSocket(Socket socket, Action<HttpRequest, HttpReply> handle)
    {
        this.socket = socket;
        this.handle = handle;
    }

    /// <summary>Where it listens.</summary>
    public System.Net.EndPoint Address => socket.LocalEndPoint!;

    /// <param name="address">Where to listen.</param>
    /// <param name="handle">Answers a request. What it throws as <see cref="IOException"/> ends the connection.</param>
    /// <exception cref="SocketException">The address cannot be used.</exception>
    public static HttpSocket Listen(System.Net.EndPoint address, Action<HttpRequest, HttpReply> handle)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(address);
            socket.Listen(Waiting);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        var server = new HttpSocket(socket, handle);
        _ = server.AcceptAsync();
        return server;
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
                var client = await socket.AcceptAsync(over.Token);
                // A request may wait for another program for long, so it gets a thread of its own.
                _ = Task.Factory.StartNew(() => Serve(client), TaskCreationOptions.LongRunning);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private void Serve(Socket client)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            if (HttpRequest.ReadAsync(stream, over.Token).GetAwaiter().GetResult() is not { } request)
                return;
            handle(request, new HttpReply(stream, request.Method == "HEAD"));
            stream.Flush();
            client.Shutdown(SocketShutdown.Send);
            // A socket that is closed with something unread in it takes the answer away from the other side.
            client.ReceiveTimeout = (int)Patience.TotalMilliseconds;
            stream.CopyTo(Stream.Null);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException)
        {
            // The client's own affair.
        }
    }
}
