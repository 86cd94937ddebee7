using System.Net;
using System.Net.Sockets;

namespace RunnerScaler.Sandbox.Cluster.Real;

/// <summary>Loopback ports for programs that cannot choose one themselves.</summary>
internal static class FreePorts
{
    /// <summary>
    /// Ports that are free now. They are all held until all are found, so that they differ; another program may
    /// still take one before it is used.
    /// </summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }
}
