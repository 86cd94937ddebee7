using System.Net;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// The proxy that <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c> name (or the same in
/// small letters), read as the programs of a cluster read them, which are written in Go: <c>NO_PROXY</c> may hold
/// <c>*</c>, addresses, networks (<c>10.0.0.0/8</c>), names with all below them (<c>example.com</c>), only what is
/// below a name (<c>.example.com</c>, <c>*.example.com</c>), and a port after any of these but a network. Loopback is
/// always reached directly.
/// </summary>
internal sealed class EnvironmentProxy : IWebProxy, ICredentials
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Uri? secure;
    private readonly Uri? plain;
    private readonly NoProxy direct;

    /// <param name="variable">Reads an environment variable.</param>
    public EnvironmentProxy(Func<string, string?> variable)
    {
        secure = Parse(First(variable, "HTTPS_PROXY", "ALL_PROXY").Value);
        plain = Parse(First(variable, "HTTP_PROXY", "ALL_PROXY").Value);
        direct = NoProxy.Parse(First(variable, "NO_PROXY").Value ?? "");
    }

    /// <summary>What this process's environment says.</summary>
    public static EnvironmentProxy OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    ICredentials? IWebProxy.Credentials { get => this; set => throw new NotSupportedException(); }

    /// <summary>
    /// A sentence for each variable that names no proxy. Without its value, which may hold a password.
    /// </summary>
    public static IEnumerable<string> Problems(Func<string, string?> variable)
    {
        foreach (var name in (string[])["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"])
            if (First(variable, name) is (var found, { } value) && Parse(value) is null)
                yield return $"{found} is no address of a proxy: set one such as http://proxy.example.com:3128, or "
                    + "nothing.";
    }

    /// <summary>The host, and the proxy on the way to it, for messages. Without secrets.</summary>
    public string Describe(Uri destination) => GetProxy(destination) is { } proxy
        ? $"{destination.Authority}, through the proxy {proxy.Authority},"
        : destination.Authority;

    /// <returns>The proxy for the address; null if it is reached directly.</returns>
    public Uri? GetProxy(Uri destination)
    {
        var proxy = destination.Scheme is "https" or "wss" ? secure : plain;
        return proxy is null || direct.Covers(destination) ? null : proxy;
    }

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    public NetworkCredential? GetCredential(Uri uri, string authType)
    {
        var proxy = Of(secure, uri) ?? Of(plain, uri);
        if (proxy?.UserInfo is not { Length: > 0 } user)
            return null;
        var parts = user.Split(':', 2);
        return new NetworkCredential(
            Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private static Uri? Of(Uri? proxy, Uri asked) => proxy?.Authority == asked.Authority ? proxy : null;

    private static (string Name, string? Value) First(Func<string, string?> variable, params string[] names) => names
        .SelectMany(name => (string[])[name, name.ToLowerInvariant()])
        .Select(name => (name, variable(name)?.Trim()))
        .FirstOrDefault(found => found.Item2 is { Length: > 0 });

    private static Uri? Parse(string? text)
    {
        if (text is null)
            return null;
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "http://" + text;
        else if (text.StartsWith("socks5h:", StringComparison.OrdinalIgnoreCase))
            text = "socks5" + text["socks5h".Length..];
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && Schemes.Contains(uri.Scheme)
            ? uri
            : null;
    }
}
