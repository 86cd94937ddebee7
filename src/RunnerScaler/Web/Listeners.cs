using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace RunnerScaler.Web;

/// <summary>
/// Gives the certificate for the claims' listener. Asked at every handshake, so that a rotated one is used at once.
/// Null while there is none: then the handshake fails.
/// </summary>
internal delegate X509Certificate2? ClaimsCertificate();

/// <summary>Opens one listener for each <see cref="ListenerKind"/>, each with room of its own.</summary>
internal sealed class Listeners(IOptions<WebOptions> options, ClaimsCertificate certificate, TimeProvider time)
    : IConfigureOptions<KestrelServerOptions>, IDisposable
{
    /// <summary>None reads a body but the webhook's, which says so.</summary>
    private const int LargestBody = 1024;

    /// <summary>Room for pods that are just being told to come again.</summary>
    private const int SpareConnections = 500;

    /// <summary>Pods whose requests come from one address of a node may all begin at the same time.</summary>
    private const int WaitingPerAddress = 250;

    private const int MostWaiting = 1000;

    /// <summary>Probes and scrapers are few, and none of theirs takes long.</summary>
    private static readonly RoomSize Plain = new(All: 250, Waiting: 200, WaitingPerAddress: 100, KeepsWork: false);

    /// <summary>GitHub's connections may all come from one address: that of a proxy.</summary>
    private static readonly RoomSize OfWebhooks = new(All: 250, Waiting: 200, WaitingPerAddress: 200, KeepsWork: false);

    /// <summary>An idle connection is closed politely before it is closed at all costs.</summary>
    private static readonly TimeSpan KeepAlive = ConnectionRoom.Patience - TimeSpan.FromSeconds(1.5);

    private readonly ConnectionRoom plain = new(Plain, time);
    private readonly ConnectionRoom claims = new(
        new(options.Value.MaxClaims + SpareConnections, MostWaiting, WaitingPerAddress, KeepsWork: true), time);

    private readonly ConnectionRoom webhooks = new(OfWebhooks, time);

    private volatile Identity? shown;

    public void Configure(KestrelServerOptions server)
    {
        var web = options.Value;
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = LargestBody;
        server.Limits.KeepAliveTimeout = KeepAlive;
        server.Limits.RequestHeadersTimeout = ConnectionRoom.Patience;
        Listen(server, web.Address, web.Port, listener =>
        {
            Admit(listener, plain);
            listener.Tag(ListenerKind.Plain);
        });
        Listen(server, web.ClaimsAddress, web.ClaimsPort, listener =>
        {
            Admit(listener, claims);
            listener.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = ConnectionRoom.Patience,
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = Identify(),
                }),
            });
            listener.Tag(ListenerKind.Claims);
        });
        if (web.WebhookSecrets.Length > 0)
            Listen(server, web.WebhooksAddress, web.WebhooksPort, listener =>
            {
                Admit(listener, webhooks);
                listener.Tag(ListenerKind.Webhooks);
            });
    }

    public void Dispose()
    {
        plain.Dispose();
        claims.Dispose();
        webhooks.Dispose();
    }

    private static void Admit(ListenOptions listener, ConnectionRoom room) => listener.Use(next => async connection =>
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        using var seat = room.Enter(address, () => connection.Abort(new ConnectionAbortedException("No work.")));
        if (seat is null)
        {
            connection.Abort(new ConnectionAbortedException("No room."));
            return;
        }
        connection.Features.Set(seat);
        await next(connection);
    });

    /// <exception cref="InvalidOperationException">There is no certificate yet.</exception>
    private SslStreamCertificateContext Identify()
    {
        var now = certificate() ?? throw new InvalidOperationException("There is no certificate yet.");
        if (shown is { } known && ReferenceEquals(known.Certificate, now))
            return known.Context;
        var context = SslStreamCertificateContext.Create(now, null, offline: true);
        shown = new(now, context);
        return context;
    }

    private static void Listen(KestrelServerOptions server, string address, int port, Action<ListenOptions> configure)
    {
        void Http1(ListenOptions listener)
        {
            listener.Protocols = HttpProtocols.Http1;
            configure(listener);
        }

        if (address == "*")
            server.ListenAnyIP(port, Http1);
        else
            server.Listen(IPAddress.Parse(address), port, Http1);
    }

    /// <summary>What a handshake shows, prepared once for each certificate.</summary>
    private sealed record Identity(X509Certificate2 Certificate, SslStreamCertificateContext Context);
}
