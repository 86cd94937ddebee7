using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.GitHub.Client;

/// <summary>Where the REST API of a GitHub server is.</summary>
internal static class ApiAddress
{
    /// <summary>
    /// github.com has <c>api.github.com</c>, a tenant with
    /// <see href="https://docs.github.com/enterprise-cloud@latest/admin/data-residency">data residency</see>
    /// <c>api.TENANT.ghe.com</c>, and a
    /// <see href="https://docs.github.com/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api">GitHub Enterprise Server</see>
    /// the path <c>/api/v3</c>.
    /// </summary>
    /// <param name="server">The server as <c>scheme://host[:port]</c>; plain http for loopback addresses only.</param>
    /// <returns>The address, ending with a slash.</returns>
    /// <exception cref="ArgumentException">The server is no such address.</exception>
    public static Uri For(string server)
    {
        if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            throw new ArgumentException($"'{server}' is no web address", nameof(server));
        if (uri.Scheme == "http" && !uri.IsLoopback)
            throw new ArgumentException($"'{server}' would send the token unencrypted; use https", nameof(server));
        if (!ServerAddress.IsPossible(uri))
            throw new ArgumentException($"'{server}' is at an address that no GitHub server has", nameof(server));
        var host = uri.Host.ToLowerInvariant();
        if (host is "github.com" or "www.github.com" or "api.github.com")
            return new Uri("https://api.github.com/");
        if (IsTenant(host))
            return new Uri($"https://{(host.StartsWith("api.", StringComparison.Ordinal) ? host : "api." + host)}/");
        return new Uri($"{uri.Scheme}://{uri.Authority}/api/v3/");
    }

    private static bool IsTenant(string host) => host.EndsWith(".ghe.com", StringComparison.Ordinal);
}
