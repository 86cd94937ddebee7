using System.Collections.Immutable;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>Whether pods reach the claims' port under the address that they are told, and trust it.</summary>
internal sealed class ClaimCheck(ClaimCertificates certificates, KubernetesOptions options, TimeProvider time) : ICheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel)
    {
        var url = new Uri(options.ClaimsUrl);
        var why = await WhyNotAsync(url, cancel);
        return
        [
            why is null
                ? CheckAnswer.Fine("claims", null, $"The claims' port answers at {url.Authority}, as it should.")
                : new("claims", CheckLevel.Failure, null, $"The claims' port does not answer at {url.Authority}: {why}",
                    "Correct Kubernetes:ClaimsUrl, or the Service and network policies on the way: pods go it, too."),
        ];
    }

    private async Task<string?> WhyNotAsync(Uri url, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(url.IdnHost, url.Port, either.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = url.IdnHost,
                    CertificateChainPolicy = Trusting(certificates.Endpoint.CaPem),
                },
                either.Token);
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"there was no answer within {Patience.TotalSeconds:0} s.";
        }
    }

    private static X509ChainPolicy Trusting(string authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPem(authorities);
        return policy;
    }
}
