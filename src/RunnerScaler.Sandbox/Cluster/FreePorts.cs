using System.Net;
using System.Net.Sockets;

namespace RunnerScaler.Sandbox.Cluster;

/// <summary>Loopback ports for programs that cannot choose one themselves.</summary>
internal static class FreePorts
{
    /// <summary>
    /// Linux gives ports from 32768 on to connections, and to whoever asks for any: one of those could be taken between
    /// the choice and its use (https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range).
    /// </summary>
    private const int End = 32_768;

    private const int First = 10_000;

    private static readonly Lock guard = new();
    private static readonly HashSet<int> given = [];

    /// <summary>
    /// Ports that are free now, and that this process is given once only. Another program that listens on a port of its
    /// own choice may still take one before it is used.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are none left.</exception>
    public static int[] Take(int count)
    {
        lock (guard)
        {
            // Begun at the process's own number, so that those side by side do not try the same ones.
            var ports = Enumerable.Range(0, End - First)
                .Select(i => First + (Environment.ProcessId * 97 + i) % (End - First))
                .Where(port => !given.Contains(port) && IsFree(port))
                .Take(count).ToArray();
            given.UnionWith(ports);
            return ports.Length == count
                ? ports
                : throw new InvalidOperationException($"no {count} ports from {First} to {End - 1} are free");
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
