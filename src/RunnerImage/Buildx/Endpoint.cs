using System.Globalization;

namespace RunnerImage.Buildx;

/// <summary>Addresses of daemons.</summary>
internal static class Endpoint
{
    private const string DockerSocket = "docker.sock";

    private static readonly string[] Schemes = ["docker-container", "kube-pod", "npipe", "ssh", "tcp", "unix"];

    private static readonly int[] DockerPorts = [2375, 2376];

    /// <summary>
    /// Whether this may be the address of a BuildKit daemon. Docker's own are not: names of contexts, its socket, and
    /// TCP without a port or with Docker's ports.
    /// </summary>
    public static bool IsBuildKit(string endpoint)
    {
        var mark = endpoint.IndexOf("://", StringComparison.Ordinal);
        if (mark < 0 || !Schemes.Contains(endpoint[..mark], StringComparer.Ordinal))
            return false;
        return endpoint[..mark] switch
        {
            "unix" => !endpoint.EndsWith(DockerSocket, StringComparison.Ordinal),
            "tcp" => Port(endpoint) is { } port && !DockerPorts.Contains(port),
            _ => true,
        };
    }

    /// <summary>The host of a <c>tcp://</c> address, without brackets; null if it is none.</summary>
    public static string? Host(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme == "tcp" && uri.Host.Length > 0
            ? uri.Host.Trim('[', ']')
            : null;

    /// <summary>The port of an address; null if it has none.</summary>
    public static int? Port(string endpoint)
    {
        var mark = endpoint.IndexOf("://", StringComparison.Ordinal);
        var authority = mark < 0 ? endpoint : endpoint[(mark + 3)..];
        var end = authority.IndexOfAny(['/', '?', '#']);
        var host = end < 0 ? authority : authority[..end];
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']')
            && int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= ushort.MaxValue
                ? port
                : null;
    }
}
