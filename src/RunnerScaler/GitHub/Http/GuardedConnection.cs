using System.Net;
using System.Net.Sockets;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Opens the connections to GitHub servers, whatever their names resolve to: only to addresses that one can have.
/// </summary>
internal static class GuardedConnection
{
    /// <exception cref="HttpRequestException">The name has no address that may be asked.</exception>
    public static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var all = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancel);
        var allowed = Array.FindAll(all, ServerAddress.IsPossible);
        if (allowed.Length == 0)
            throw new HttpRequestException(
                $"'{host}' has no address that a GitHub server can have: link-local ones and the like are not asked");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
