using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RunnerScaler.Protocol;

namespace RunnerImage.Claims;

/// <summary>
/// How claims reach the controller: one short HTTP/1.1 exchange for each request, over TLS that trusts the given
/// certificates and no others.
/// </summary>
/// <remarks>
/// By hand: a claim needs an empty request and one small answer, with a bound on everything in it, and the program
/// stays small. No proxy is asked: the controller is in the cluster.
/// </remarks>
/// <param name="url">Where claims are posted.</param>
/// <param name="trusted">The certificates to trust; null for plain HTTP.</param>
internal sealed class ClaimExchange(Uri url, X509Certificate2Collection? trusted)
{
    /// <param name="url">Where claims are posted.</param>
    /// <param name="authorityPem">The certificates to trust (PEM); used for <c>https</c> alone.</param>
    /// <returns>The way there, or what is wrong with one of the two.</returns>
    public static (ClaimExchange? Exchange, string? Problem) Open(string? url, string? authorityPem)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            return (null, $"{PodVariables.ClaimUrl} must be the address of the controller's claims "
                + "(https://HOST:PORT/claims); the controller sets it in the pods that it makes");
        if (uri.Scheme == "http")
            return (new ClaimExchange(uri, null), null);
        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPem(authorityPem ?? "");
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        return trusted.Count > 0
            ? (new ClaimExchange(uri, trusted), null)
            : (null, $"{PodVariables.ClaimCa} must hold the certificates (PEM) to trust at {uri.Authority}; the "
                + "controller sets it in the pods that it makes");
    }

    /// <summary>The host and port, for messages.</summary>
    public string Authority => url.Authority;

    /// <summary>Asks once and waits for the answer.</summary>
    /// <param name="method"><c>POST</c> or <c>DELETE</c>; the body is empty.</param>
    /// <param name="token">The bearer token.</param>
    /// <param name="sent">Called when the request has been sent.</param>
    /// <exception cref="AuthenticationException">
    /// The server's certificate is not trusted, or is for another name.
    /// </exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="FormatException">The answer is none.</exception>
    public async Task<ClaimReply> AskAsync(string method, string token, Action sent, CancellationToken cancel)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(url.IdnHost, url.Port, cancel);
        await using var stream = await SecureAsync(new NetworkStream(socket, ownsSocket: false), cancel);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\n"
            + "User-Agent: runnerscaler-pod\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancel);
        await stream.FlushAsync(cancel);
        sent();
        return await HttpAnswer.ReadAsync(stream, cancel);
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken cancel)
    {
        if (trusted is null)
            return plain;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(trusted);
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = url.IdnHost,
                CertificateChainPolicy = policy,
            }, cancel);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
