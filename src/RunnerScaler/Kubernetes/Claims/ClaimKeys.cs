using System.Security.Cryptography.X509Certificates;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>What the claims endpoint's Secret holds, all as PEM.</summary>
/// <param name="Bundle">The authorities that pods trust; the first one signs.</param>
/// <param name="SigningKey">The first authority's private key.</param>
/// <param name="NextKey">The private key of the second, which will sign later; null if there is none.</param>
/// <param name="Certificate">The endpoint's certificate.</param>
/// <param name="Key">The endpoint's private key.</param>
internal sealed record ClaimKeys(string Bundle, string SigningKey, string? NextKey, string Certificate, string Key)
{
    public const string BundleEntry = "ca.crt";
    public const string SigningKeyEntry = "ca.key";
    public const string NextKeyEntry = "next-ca.key";
    public const string CertificateEntry = "tls.crt";
    public const string KeyEntry = "tls.key";

    /// <summary>Without the secrets, so that no log can hold them.</summary>
    public override string ToString() => nameof(ClaimKeys);

    /// <summary>The authorities, the signing one first.</summary>
    public X509Certificate2Collection Authorities()
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(Bundle);
        return authorities;
    }

    /// <summary>The endpoint's certificate with its key. The caller disposes it.</summary>
    public X509Certificate2 Serving() => X509Certificate2.CreateFromPem(Certificate, Key);
}
