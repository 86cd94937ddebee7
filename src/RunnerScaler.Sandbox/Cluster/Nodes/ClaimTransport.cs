using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Protocol;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>Carries claims to the controller, over TLS that trusts the given certificates and no others.</summary>
internal sealed class ClaimTransport : IDisposable
{
    private readonly X509Certificate2Collection authorities = [];
    private readonly HttpClient http;
    private readonly Uri url;
    private readonly TimeProvider time;

    /// <param name="url">Where claims are posted.</param>
    /// <param name="authorityPem">The only certificates that are trusted; empty for plain http.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CryptographicException">The text is no PEM bundle.</exception>
    public ClaimTransport(Uri url, string authorityPem, TimeProvider time)
    {
        this.url = url;
        this.time = time;
        var handler = new SocketsHttpHandler();
        if (authorityPem.Length > 0)
        {
            authorities.ImportFromPem(authorityPem);
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }
        http = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = ClaimProtocol.LargestBody,
        };
    }

    /// <summary>Asks once.</summary>
    /// <exception cref="HttpRequestException">The controller cannot be reached, or its certificate is not
    /// trusted.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<ClaimReply> AskAsync(string token, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(ClaimProtocol.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var answer = await http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return new ClaimReply((int)answer.StatusCode, (int?)answer.Headers.RetryAfter?.Delta?.TotalSeconds, body);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer to the claim in {ClaimProtocol.Patience.TotalSeconds:0} s");
        }
    }

    public void Dispose()
    {
        http.Dispose();
        foreach (var authority in authorities)
            authority.Dispose();
    }
}
