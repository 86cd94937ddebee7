using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace RunnerScaler.Web;

/// <summary>
/// Gives the certificate for the claims' listener. Asked at every handshake, so that a rotated one is used at once.
/// Null while there is none: then the handshake fails.
/// </summary>
internal delegate X509Certificate2? ClaimsCertificate();

/// <summary>Opens one listener for each <see cref="Entrance"/>.</summary>
internal sealed class Listeners(IOptions<WebOptions> options, ClaimsCertificate certificate)
    : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>No door reads a body.</summary>
    private const int LargestBody = 1024;

    /// <summary>Room for probes, scrapers and pods that are just being told to come again.</summary>
    private const int SpareConnections = 500;

    public void Configure(KestrelServerOptions server)
    {
        var web = options.Value;
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = LargestBody;
        server.Limits.MaxConcurrentConnections = web.MaxHeldClaims + SpareConnections;
        Listen(server, web.Address, web.Port, listener => listener.Mark(Entrance.Plain));
        Listen(server, web.ClaimsAddress, web.ClaimsPort, listener =>
        {
            listener.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate());
            listener.Mark(Entrance.Claims);
        });
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
}
