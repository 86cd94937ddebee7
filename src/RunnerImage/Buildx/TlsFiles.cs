namespace RunnerImage.Buildx;

/// <summary>
/// The client certificate for a shared daemon: files as a Secret of the type <c>kubernetes.io/tls</c> has them.
/// </summary>
internal static class TlsFiles
{
    /// <summary>The options by which buildx's remote driver is told of them.</summary>
    /// <param name="folder">Where they are; null if the daemon has no TLS.</param>
    /// <param name="address">The daemon's address.</param>
    public static IReadOnlyDictionary<string, string> Options(string? folder, string address)
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(folder))
            return options;
        options["cacert"] = Path.Combine(folder, "ca.crt");
        options["cert"] = Path.Combine(folder, "tls.crt");
        options["key"] = Path.Combine(folder, "tls.key");
        if (Endpoint.Host(address) is { } host)
            options["servername"] = host;
        return options;
    }
}
