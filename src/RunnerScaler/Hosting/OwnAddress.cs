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
    /// <summary>Known from the first time on that it could be told.</summary>
    private volatile IPAddress? host;

    /// <summary>Null before the port is open, and if this machine's own address cannot be told.</summary>
    public Uri? Find() =>
        (host ??= HostOf(web.Value.Address, new Uri(cluster.Host))) is { } address
        && services.Addresses().FirstOrDefault(a => a.StartsWith("http:", StringComparison.Ordinal)) is { } bound
            ? new UriBuilder("http", $"{address}", BindingAddress.Parse(bound).Port).Uri
            : null;

    /// <summary>The address that is listened at; for all, the one from which the API server is reached.</summary>
    /// <param name="listened">What the options say.</param>
    /// <param name="apiServer">By address or, as some clusters tell their pods, by name.</param>
    /// <returns>Null if it cannot be told, or not now.</returns>
    internal static IPAddress? HostOf(string listened, Uri apiServer)
    {
        if (IPAddress.TryParse(listened, out var one) && !one.Equals(IPAddress.Any) && !one.Equals(IPAddress.IPv6Any))
            return one;
        try
        {
            // Nothing is sent but the question for a name: the system only says which way it would go.
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(apiServer.IdnHost, apiServer.Port);
            return socket.LocalEndPoint is IPEndPoint { Address: var own }
                ? own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
