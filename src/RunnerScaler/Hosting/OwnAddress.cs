using System.Net;
using System.Net.Sockets;
using k8s;
using Microsoft.Extensions.Options;
using RunnerScaler.Web;

namespace RunnerScaler.Hosting;

/// <summary>Where other replicas reach this one's port of health, metrics and explanations.</summary>
/// <param name="services">Know the port that was bound.</param>
/// <param name="cluster">The connection to the cluster.</param>
/// <param name="web">Where this replica listens.</param>
internal sealed class OwnAddress(
    IServiceProvider services, KubernetesClientConfiguration cluster, IOptions<WebOptions> web)
{
    private readonly Lazy<IPAddress?> host = new(() => HostOf(web.Value.Address, new Uri(cluster.Host)));

    /// <summary>Null before the port is open, and if this machine's own address cannot be told.</summary>
    public Uri? Find() =>
        host.Value is { } address
        && services.Addresses().FirstOrDefault(a => a.StartsWith("http:", StringComparison.Ordinal)) is { } bound
            ? new UriBuilder("http", $"{address}", BindingAddress.Parse(bound).Port).Uri
            : null;

    /// <summary>The address that is listened at; for all, the one from which the API server is reached.</summary>
    private static IPAddress? HostOf(string listened, Uri apiServer)
    {
        if (IPAddress.TryParse(listened, out var one) && !one.Equals(IPAddress.Any) && !one.Equals(IPAddress.IPv6Any))
            return one;
        if (!IPAddress.TryParse(apiServer.IdnHost, out var server))
            return null;
        try
        {
            // Nothing is sent: the system only says which way it would go.
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server, apiServer.Port);
            return (socket.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
