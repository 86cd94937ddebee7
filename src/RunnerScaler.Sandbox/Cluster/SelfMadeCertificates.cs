using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RunnerScaler.Sandbox.Cluster;

/// <summary>A certificate authority for one run and a server certificate that it signed.</summary>
internal sealed class SelfMadeCertificates : IDisposable
{
    private readonly X509Certificate2 authority;

    private SelfMadeCertificates(X509Certificate2 authority, X509Certificate2 server)
    {
        this.authority = authority;
        Server = server;
    }

    /// <summary>
    /// The server's certificate with its key, for 127.0.0.1, ::1, localhost and the names asked for; good for a
    /// client, too.
    /// </summary>
    public X509Certificate2 Server { get; }

    /// <summary>The authority's certificate, for clients to trust.</summary>
    public string AuthorityPem => authority.ExportCertificatePem();

    public string ServerPem => Server.ExportCertificatePem();

    public string ServerKeyPem => Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    /// <param name="now">The certificates are valid from an hour before to a week after.</param>
    /// <param name="names">More names and addresses of the server.</param>
    public static SelfMadeCertificates Create(DateTimeOffset now, params IEnumerable<string> names)
    {
        var (from, until) = (now.AddHours(-1), now.AddDays(7));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=sandbox authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        authorityRequest.CertificateExtensions.Add(
            new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        var authority = authorityRequest.CreateSelfSigned(from, until);
        return new SelfMadeCertificates(authority, Sign(authority, from, until, names));
    }

    public void Dispose()
    {
        authority.Dispose();
        Server.Dispose();
    }

    private static X509Certificate2 Sign(
        X509Certificate2 authority, DateTimeOffset from, DateTimeOffset until, IEnumerable<string> more)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sandbox server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension(
                [new Oid("1.3.6.1.5.5.7.3.1", "serverAuth"), new Oid("1.3.6.1.5.5.7.3.2", "clientAuth")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var name in more)
            if (IPAddress.TryParse(name, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        using var signed = request.Create(authority, from, until, serial);
        using var withKey = signed.CopyWithPrivateKey(key);
        // Through PKCS#12, because TLS on some systems cannot use a key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(
            withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
