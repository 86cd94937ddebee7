using System.Net;
using System.Net.NetworkInformation;

namespace RunnerScaler.RealCluster;

/// <summary>The network of a node's pods: 254 addresses, of which the first is this machine's, on the bridge.</summary>
internal sealed record NodeSubnet(int Number)
{
    /// <summary>This machine, as the pods see it.</summary>
    public IPAddress Host => new([10, 213, (byte)Number, 1]);

    /// <summary>This machine once more: for a second server on the same port.</summary>
    public IPAddress Second => new([10, 213, (byte)Number, 2]);

    /// <summary>The first address that a pod may have.</summary>
    public IPAddress FirstPod => new([10, 213, (byte)Number, 16]);

    public string Range => $"10.213.{Number}.0/24";

    /// <summary>One that no interface of this machine has an address in.</summary>
    public static NodeSubnet FindFree()
    {
        var taken = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address.GetAddressBytes())
            .Where(a => a is [10, 213, _, _])
            .Select(a => (int)a[2])
            .ToHashSet();
        return new(Enumerable.Range(0, 256).First(n => !taken.Contains(n)));
    }
}
