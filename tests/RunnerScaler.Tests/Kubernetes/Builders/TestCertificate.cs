using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>A certificate to put into specs.</summary>
internal static class TestCertificate
{
    public static string Pem { get; } = Make();

    private static string Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registry", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return made.ExportCertificatePem();
    }
}
