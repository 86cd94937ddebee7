using System.Globalization;
using System.Net;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Which addresses are reached without a proxy, as
/// <see href="https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config">Go reads <c>NO_PROXY</c></see>.
/// </summary>
internal sealed class NoProxy
{
    private readonly List<Func<string, IPAddress?, int, bool>> rules = [];

    private NoProxy()
    {
    }

    public static NoProxy Parse(string text)
    {
        var all = new NoProxy();
        foreach (var entry in text.ToLowerInvariant().Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (RuleOf(entry) is { } rule)
                all.rules.Add(rule);
        return all;
    }

    public bool Covers(Uri destination)
    {
        var host = destination.IdnHost.TrimEnd('.').ToLowerInvariant();
        var address = IPAddress.TryParse(host, out var parsed) ? Plain(parsed) : null;
        return host == "localhost" || (address is not null && IPAddress.IsLoopback(address))
            || rules.Any(rule => rule(host, address, destination.Port));
    }

    private static Func<string, IPAddress?, int, bool>? RuleOf(string entry)
    {
        if (entry == "*")
            return (_, _, _) => true;
        if (entry.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(Network(entry), out var network)
                ? (_, address, _) => address is not null && network.Contains(address)
                : null;
        var (name, port) = Split(entry);
        bool IsPort(int asked) => port is null || port == asked;
        if (IPAddress.TryParse(name, out var parsed) && Plain(parsed) is var one)
            return (_, address, asked) => one.Equals(address) && IsPort(asked);
        var below = name.StartsWith("*.", StringComparison.Ordinal) ? name[1..] : name;
        if (below.Trim('.').Length == 0)
            return null;
        return below[0] == '.'
            ? (host, _, asked) => host.EndsWith(below, StringComparison.Ordinal) && IsPort(asked)
            : (host, _, asked) => (host == below || host.EndsWith("." + below, StringComparison.Ordinal))
                && IsPort(asked);
    }

    // Unlike Go, IPNetwork insists that the bits behind the prefix are 0.
    private static string Network(string entry)
    {
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(entry[..slash], out var address)
            || !int.TryParse(entry[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return "";
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/{length}");
    }

    private static (string Name, int? Port) Split(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var isPort = colon >= 0 && int.TryParse(
            entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);

        // More than one colon without brackets is an IPv6 address.
        if (isPort && (entry[..colon].EndsWith(']') || !entry[..colon].Contains(':', StringComparison.Ordinal)))
            return (entry[..colon].Trim('[', ']'), int.Parse(entry.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        return (entry.Trim('[', ']'), null);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
