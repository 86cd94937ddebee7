using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RunnerImage.Buildx;

/// <summary>
/// The client certificate for a shared daemon: files as a Secret of the type <c>kubernetes.io/tls</c> has them.
/// </summary>
internal static class TlsFiles
{
    private const string Authority = "ca.crt";
    private const string Certificate = "tls.crt";
    private const string Key = "tls.key";

    /// <summary>The options by which buildx's remote driver is told of them.</summary>
    /// <param name="folder">Where they are; null if the daemon has no TLS.</param>
    /// <param name="address">The daemon's address.</param>
    public static IReadOnlyDictionary<string, string> Options(string? folder, string address)
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(folder))
            return options;
        options["cacert"] = Path.Combine(folder, Authority);
        options["cert"] = Path.Combine(folder, Certificate);
        options["key"] = Path.Combine(folder, Key);
        if (Endpoint.Host(address) is { } host)
            options["servername"] = host;
        return options;
    }

    /// <summary>Reads them.</summary>
    /// <returns>The certificates, or what is wrong with the files; nothing of a key is in that.</returns>
    public static (Credentials? Credentials, string? Problem) Load(string folder)
    {
        var authorities = new X509Certificate2Collection();
        var name = Authority;
        try
        {
            authorities.ImportFromPemFile(Path.Combine(folder, Authority));
            if (authorities.Count == 0)
                throw new CryptographicException("There is no certificate in it.");
            name = $"{Certificate} and {Key}";
            return (new(
                X509Certificate2.CreateFromPemFile(Path.Combine(folder, Certificate), Path.Combine(folder, Key)),
                authorities), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{name} of the Secret spec.builder.shared.tlsSecret cannot be read in {folder} "
                + $"({e.GetType().Name}): the Secret must have the keys {Authority}, {Certificate} and {Key}");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return (null, $"{name} of the Secret spec.builder.shared.tlsSecret cannot be used: the Secret must have "
                + $"an authority, a certificate, and that certificate's unencrypted key as PEM in {Authority}, "
                + $"{Certificate} and {Key}");
        }
    }

    /// <summary>What the files hold.</summary>
    /// <param name="Certificate">The client's certificate, with its key.</param>
    /// <param name="Authorities">Who may have signed the daemon's.</param>
    internal sealed record Credentials(X509Certificate2 Certificate, X509Certificate2Collection Authorities)
        : IDisposable
    {
        public void Dispose() => Certificate.Dispose();
    }
}
