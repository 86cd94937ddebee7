using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace RunnerImage.Web;

/// <summary>
/// Gets what servers have, by way of the proxy that the environment names; redirects are followed, but not from TLS to
/// none, and no credential follows them.
/// </summary>
internal sealed class WebReader : IDisposable
{
    private const int MostRedirects = 10;

    /// <summary>How long a server may say nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TimeProvider time;
    private readonly HttpClient client;
    private readonly HttpClient unchecking;
    private readonly Func<Uri, bool> isUnchecked;
    private SslPolicyErrors distrust;

    /// <param name="time">Measures patience.</param>
    /// <param name="isUnchecked">Of which servers the certificates are not checked; none if null. A redirect of theirs
    /// is not followed, for it may lead to another.</param>
    public WebReader(TimeProvider time, Func<Uri, bool>? isUnchecked = null)
    {
        this.time = time;
        this.isUnchecked = isUnchecked ?? (_ => false);
        client = Client(new()
        {
            MaxAutomaticRedirections = MostRedirects,
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, errors) => Judge(errors) },
        });
        unchecking = Client(new()
        {
            AllowAutoRedirect = false,
            SslOptions = Unchecking(),
        });
    }

    public void Dispose()
    {
        client.Dispose();
        unchecking.Dispose();
    }

    /// <summary>TLS with a server whose certificate may be any.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "The pool's owner has said so of the server.")]
    public static SslClientAuthenticationOptions Unchecking() =>
        new() { RemoteCertificateValidationCallback = (_, _, _, _) => true };

    /// <summary>Asks for something; what is in the answer is read by <see cref="Copy"/>.</summary>
    /// <param name="address">Where it is; a name and a password in it are sent there.</param>
    /// <param name="authorization">Who asks; null if that is not said.</param>
    /// <param name="form">What is posted; null to get.</param>
    /// <exception cref="TransferException">There is no answer.</exception>
    public HttpResponseMessage Ask(
        Uri address, AuthenticationHeaderValue? authorization = null, HttpContent? form = null)
    {
        using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, address);
        request.Content = form;
        request.Headers.Authorization = authorization ?? Given(address);
        using var patience = new CancellationTokenSource(Patience, time);
        distrust = SslPolicyErrors.None;
        try
        {
            return (isUnchecked(address) ? unchecking : client)
                .Send(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            throw new TransferException(
                $"{(form is null ? "Get" : "Post")} \"{WebText.Of(address)}\": {Why(address, e)}");
        }
    }

    /// <summary>Reads what is in an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="taken">Told how many bytes come next, and may refuse them.</param>
    /// <exception cref="TransferException">It ends too early, or does not go on.</exception>
    public void Copy(HttpResponseMessage answer, Stream output, Action<long> taken)
    {
        var address = answer.RequestMessage?.RequestUri ?? throw new TransferException("nothing was asked for");
        using var content = answer.Content.ReadAsStream();
        var buffer = new byte[1 << 16];
        while (Read(address, content, buffer) is > 0 and var read)
        {
            taken(read);
            output.Write(buffer, 0, read);
        }
    }

    /// <summary>The text of a short answer; a longer one is cut off.</summary>
    /// <exception cref="TransferException">It ends too early, or does not go on.</exception>
    public string Text(HttpResponseMessage answer, int most)
    {
        var address = answer.RequestMessage?.RequestUri ?? throw new TransferException("nothing was asked for");
        using var content = answer.Content.ReadAsStream();
        var (buffer, length) = (new byte[most], 0);
        while (length < most && Read(address, content, buffer.AsMemory(length)) is > 0 and var read)
            length += read;
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private int Read(Uri address, Stream content, Memory<byte> buffer)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return content.ReadAsync(buffer, patience.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new TransferException($"Get \"{WebText.Of(address)}\": "
                + (e is OperationCanceledException ? "i/o timeout" : "unexpected EOF"));
        }
    }

    private static HttpClient Client(SocketsHttpHandler handler)
    {
        handler.UseCookies = false;
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "runnerscaler-pod");
        return client;
    }

    private bool Judge(SslPolicyErrors errors)
    {
        distrust = errors;
        return errors == SslPolicyErrors.None;
    }

    private string Why(Uri address, Exception error) => error switch
    {
        OperationCanceledException => "i/o timeout",
        _ when distrust.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) =>
            $"tls: failed to verify certificate: x509: certificate is not valid for {address.IdnHost}",
        _ when distrust != SslPolicyErrors.None =>
            "tls: failed to verify certificate: x509: certificate signed by unknown authority, or not valid now",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            $"dial tcp: lookup {address.IdnHost}: no such host",
        { InnerException: SocketException socket } =>
            $"dial tcp {address.IdnHost}:{address.Port}: connect: {WebText.Word(socket.SocketErrorCode)}",
        { InnerException: AuthenticationException } => "tls: handshake failure",
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } =>
            "the proxy that the environment names lets nothing through",
        _ => "EOF",
    };

    private static AuthenticationHeaderValue? Given(Uri address) => address.UserInfo.Length == 0
        ? null
        : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
}
