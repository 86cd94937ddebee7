using System.Net;
using System.Net.Sockets;

namespace RunnerScaler.Scaling.Pools;

/// <summary>
/// Which addresses a GitHub server can have. Whoever writes pools chooses the server; private addresses are usual for
/// Enterprise Servers, but at link-local ones clouds give out the credentials of the node.
/// </summary>
internal static class ServerAddress
{
    /// <summary>The one address of a cloud's metadata that is not link-local.</summary>
    private static readonly IPAddress AmazonMetadata = IPAddress.Parse("fd00:ec2::254");

    /// <summary>False for link-local addresses, and for those that are no single host's.</summary>
    public static bool IsPossible(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return IsPossible(address.MapToIPv4());
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !address.IsIPv6LinkLocal
                && !address.IsIPv6Multicast
                && !address.Equals(IPAddress.IPv6Any)
                && !address.Equals(AmazonMetadata);
        return address.GetAddressBytes() is not ([169, 254, ..] or [0, ..] or [>= 224, ..]);
    }

    /// <summary>False for an address that names an impossible one by number; names are not looked up.</summary>
    public static bool IsPossible(Uri server) =>
        !IPAddress.TryParse(server.IdnHost, out var literal) || IsPossible(literal);
}
