using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RunnerImage.Buildx;

namespace RunnerImage.Builders;

/// <summary>
/// Whether a shared daemon takes this pod for a client: mutual TLS, and the first frame of HTTP/2 in each direction.
/// </summary>
/// <remarks>
/// With TLS 1.3 a server looks at the client's certificate when the handshake is over for the client: what it thinks
/// of it shows with the first bytes that it sends, or does not send (https://www.rfc-editor.org/rfc/rfc8446#section-2).
/// </remarks>
internal static class DaemonGreeting
{
    /// <summary>
    /// The connection preface, and SETTINGS that set nothing: https://www.rfc-editor.org/rfc/rfc9113#section-3.4.
    /// </summary>
    private static ReadOnlyMemory<byte> Preface { get; } =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray();

    private const int FrameHeader = 9;
    private const int TypeAt = 3;
    private const byte Settings = 4;

    /// <summary>
    /// Of what a certificate says it is for, one must be this: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12.
    /// </summary>
    private static readonly string[] ForClients = ["1.3.6.1.5.5.7.3.2", "2.5.29.37.0"];

    /// <param name="connection">An open connection; what is made of it stays the caller's to close.</param>
    /// <param name="host">The name that the daemon's certificate must be for.</param>
    /// <param name="tlsFolder">Where the certificates are: see <see cref="TlsFiles"/>.</param>
    /// <param name="now">The time, to say whether a certificate that is refused is too old.</param>
    /// <returns>Null if the daemon greets back, else what is wrong and what to do.</returns>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public static async Task<string?> FindProblemAsync(
        Stream connection, string host, string tlsFolder, DateTimeOffset now, CancellationToken cancel)
    {
        var (own, problem) = TlsFiles.Load(tlsFolder);
        using var credentials = own;
        if (credentials is null)
            return problem;
        var trust = new ServerTrust(host);
        await using var secure = new SslStream(connection, leaveInnerStreamOpen: true, trust.Judge);
        try
        {
            await secure.AuthenticateAsClientAsync(OptionsFor(host, credentials), cancel);
            await secure.WriteAsync(Preface, cancel);
            var header = new byte[FrameHeader];
            await secure.ReadExactlyAsync(header, cancel);
            return header[TypeAt] == Settings ? null : $"{host} speaks TLS, but is no BuildKit";
        }
        catch (AuthenticationException) when (trust.Problem is not null)
        {
            return trust.Problem;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return secure.IsAuthenticated
                ? Unwelcome(credentials.Certificate, now)
                : Foreign(host, credentials.Certificate);
        }
    }

    private static SslClientAuthenticationOptions OptionsFor(string host, TlsFiles.Credentials credentials)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(credentials.Authorities);
        return new()
        {
            TargetHost = host,
            CertificateChainPolicy = policy,
            ClientCertificateContext = SslStreamCertificateContext.Create(credentials.Certificate, null, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        };
    }

    private static string Unwelcome(X509Certificate2 certificate, DateTimeOffset now) =>
        $"the daemon ends the connection when it sees the client certificate {Describe(certificate)}: "
        + (Flaw(certificate, now) ?? "it must be signed by the authority that buildkitd has as [grpc.tls] ca, and be "
            + "valid by the daemon's clock; put such a one into the Secret spec.builder.shared.tlsSecret");

    /// <summary>Why no daemon takes it, if that shows in the certificate itself.</summary>
    private static string? Flaw(X509Certificate2 certificate, DateTimeOffset now)
    {
        const string secret = "the Secret spec.builder.shared.tlsSecret";
        if (now > certificate.NotAfter)
            return $"it has ended: renew it in {secret}";
        if (now < certificate.NotBefore)
            return $"it is not valid yet: put one that is into {secret}, or set the clock of the node";
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        return usages is null || usages.OfType<Oid>().Any(usage => ForClients.Contains(usage.Value))
            ? null
            : $"it is not for clients: the one in {secret} needs \"client auth\" among its extended key usages";
    }

    private static string Foreign(string host, X509Certificate2 certificate) =>
        $"the TLS handshake with {host} fails: either it speaks no TLS (buildkitd needs [grpc.tls] cert, key and ca), "
        + $"or it does not accept the client certificate {Describe(certificate)} of the Secret "
        + "spec.builder.shared.tlsSecret";

    private static string Describe(X509Certificate2 certificate) =>
        $"\"{certificate.Subject}\" (from \"{certificate.Issuer}\", valid from "
        + $"{certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u})";

    /// <summary>Looks at the daemon's certificate, and keeps what is wrong with it.</summary>
    private sealed class ServerTrust(string host)
    {
        public string? Problem { get; private set; }

        public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            Problem = errors switch
            {
                SslPolicyErrors.None => null,
                SslPolicyErrors.RemoteCertificateNameMismatch =>
                    $"the certificate \"{certificate?.Subject}\" of the daemon is for other names than {host}: give it "
                    + "that name among its subjectAltNames, or name the daemon in spec.builder.shared.addresses as its "
                    + "certificate does",
                _ when chain?.ChainStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid) == true =>
                    $"the certificate \"{certificate?.Subject}\" of the daemon, or one that signed it, is not valid "
                    + "now: renew it",
                _ => $"the certificate \"{certificate?.Subject}\" of the daemon is not signed by the authority in "
                    + "ca.crt of the Secret spec.builder.shared.tlsSecret",
            };
            return Problem is null;
        }
    }
}
