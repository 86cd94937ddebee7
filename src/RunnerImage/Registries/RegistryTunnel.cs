using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RunnerImage.Web;
using RunnerScaler.Protocol;

namespace RunnerImage.Registries;

/// <summary>
/// A proxy for one program of this pod, which leads to registries whose certificates are not checked under a
/// certificate that the program can check. To all other servers it leads as they are: their certificates are the
/// program's affair.
/// </summary>
internal sealed class RegistryTunnel : IDisposable
{
    private const int Waiting = 64;
    private const int LongestHead = 8192;

    private readonly Socket socket;
    private readonly IReadOnlyList<PodRegistry> registries;
    private readonly X509Certificate2 certificate;
    private readonly CancellationTokenSource over = new();

    private RegistryTunnel(Socket socket, IReadOnlyList<PodRegistry> registries)
    {
        this.socket = socket;
        this.registries = registries;
        certificate = CertificateOf(registries.Select(r => r.Name));
    }

    /// <summary>Where it listens.</summary>
    public string Address => $"http://{socket.LocalEndPoint}";

    /// <summary>The certificate under which the registries are here; no other can be made from it.</summary>
    public string CertificatePem => certificate.ExportCertificatePem();

    /// <param name="registries">Those whose certificates are not checked.</param>
    /// <exception cref="SocketException">Nothing can be listened at.</exception>
    public static RegistryTunnel Open(IReadOnlyList<PodRegistry> registries)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(Waiting);
        var tunnel = new RegistryTunnel(socket, registries);
        _ = tunnel.AcceptAsync();
        return tunnel;
    }

    /// <summary>Of registries with plain HTTP, the hosts for which the environment names no proxy.</summary>
    public static IEnumerable<string> Direct(IEnumerable<PodRegistry> registries) => registries
        .Where(r => r.Http && Uri.TryCreate($"http://{r.Host}/", UriKind.Absolute, out var address)
            && ProxyTo(address) is null)
        .Select(r => r.Name);

    public void Dispose()
    {
        over.Cancel();
        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await socket.AcceptAsync(over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        try
        {
            await using var client = new NetworkStream(accepted, ownsSocket: true);
            if (TargetOf(await ReadHeadAsync(client)) is not { } target)
            {
                await SayAsync(client, "405 Only CONNECT is known here");
                return;
            }

            try
            {
                await using var server = await ConnectAsync(target);
                await SayAsync(client, "200 Connected");
                await (registries.Any(r => r.IsAt(target.IdnHost, target.Port))
                    ? LeadAsync(client, server, target)
                    : PumpAsync(client, server));
            }
            catch (SocketException e)
            {
                await SayAsync(client, $"502 dial tcp {target.IdnHost}:{target.Port}: connect: "
                    + WebText.Word(e.SocketErrorCode));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or AuthenticationException
            or ObjectDisposedException or SocketException)
        {
            // The program sees that its connection has ended.
        }
    }

    private async Task LeadAsync(Stream client, Stream server, Uri target)
    {
        await using var outer = new SslStream(server);
        var unchecking = WebReader.Unchecking();
        unchecking.TargetHost = target.IdnHost;
        await outer.AuthenticateAsClientAsync(unchecking, over.Token);
        await using var inner = new SslStream(client);
        await inner.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate }, over.Token);
        await PumpAsync(inner, outer);
    }

    private async Task PumpAsync(Stream one, Stream other) =>
        await await Task.WhenAny(one.CopyToAsync(other, over.Token), other.CopyToAsync(one, over.Token));

    /// <summary>By way of the proxy that the environment names, if it does for this server.</summary>
    private async Task<Stream> ConnectAsync(Uri target)
    {
        var proxy = ProxyTo(target);
        var connected = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await connected.ConnectAsync((proxy ?? target).IdnHost, (proxy ?? target).Port, over.Token);
        }
        catch (SocketException)
        {
            connected.Dispose();
            throw;
        }

        var stream = new NetworkStream(connected, ownsSocket: true);
        if (proxy is null)
            return stream;
        var login = HttpClient.DefaultProxy.Credentials?.GetCredential(proxy, "Basic") is { } known
            ? $"Proxy-Authorization: Basic {Encoded($"{known.UserName}:{known.Password}")}\r\n"
            : "";
        var name = $"{target.IdnHost}:{target.Port}";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n{login}\r\n"), over.Token);
        if ((await ReadHeadAsync(stream)).Split(' ') is ["HTTP/1.1" or "HTTP/1.0", "200", ..])
            return stream;
        await stream.DisposeAsync();
        throw new IOException("the proxy that the environment names lets nothing through");
    }

    private async Task<string> ReadHeadAsync(Stream stream)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (head.Length < LongestHead && await stream.ReadAsync(one, over.Token) == 1)
        {
            head.Append((char)one[0]);
            if (head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
                return head.ToString();
        }

        return "";
    }

    private async Task SayAsync(Stream client, string status) =>
        await client.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n\r\n"), over.Token);

    private static Uri? TargetOf(string head) =>
        head.Split(' ') is ["CONNECT", var name, ..]
            && Uri.TryCreate($"https://{name}/", UriKind.Absolute, out var target)
            && target.PathAndQuery == "/" && target.UserInfo.Length == 0
                ? target
                : null;

    private static Uri? ProxyTo(Uri target) =>
        HttpClient.DefaultProxy.IsBypassed(target) ? null : HttpClient.DefaultProxy.GetProxy(target);

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A certificate that stands for itself alone: it can sign none.</summary>
    private static X509Certificate2 CertificateOf(IEnumerable<string> hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registries of the pool", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
            if (IPAddress.TryParse(host, out var ip))
                names.AddIpAddress(ip);
            else
                names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
    }
}
