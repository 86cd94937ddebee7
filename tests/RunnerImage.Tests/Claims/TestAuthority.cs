using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RunnerImage.Tests.Claims;

/// <summary>A certificate authority of a test, and a certificate for loopback addresses that it signed.</summary>
internal sealed class TestAuthority
{
    private readonly X509Certificate2 authority;

    /// <param name="name">The only DNS name of the server's certificate; loopback addresses are in it if null.</param>
    public TestAuthority(string? name = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=claims", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        Server = Sign(name, now);
    }

    public X509Certificate2 Server { get; }

    public string Pem => authority.ExportCertificatePem();

    /// <summary>Leaves what a client needs as a Secret of the type <c>kubernetes.io/tls</c> has it.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="until">When the certificate ends.</param>
    /// <param name="trusting">The authority that the client trusts; this one if null.</param>
    /// <param name="usages">What the certificate is for, as object identifiers; anything if null.</param>
    public void WriteClient(
        string folder, TimeSpan until, TestAuthority? trusting = null, OidCollection? usages = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=runner", key, HashAlgorithmName.SHA256);
        if (usages is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(
            authority, now.AddMinutes(-50), now + until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path.Combine(folder, "tls.crt"), signed.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "ca.crt"), (trusting ?? this).Pem);
    }

    /// <summary>Whether this authority signed a certificate of a client that is valid now.</summary>
    public bool Vouches(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    private X509Certificate2 Sign(string? name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=endpoint", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (name is null)
            names.AddIpAddress(IPAddress.Loopback);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(
            authority, now.AddHours(-1), now.AddMinutes(30), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
