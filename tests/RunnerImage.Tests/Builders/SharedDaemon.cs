using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Builders;

/// <summary>A shared daemon's endpoint, as gRPC has it: HTTP/2 over TLS that asks for a client's certificate.</summary>
internal sealed class SharedDaemon : IAsyncDisposable
{
    private readonly WebApplication app;

    private SharedDaemon(WebApplication app) => this.app = app;

    public string Address => "tcp://" + new Uri(app.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.Single()).Authority;

    /// <param name="own">Who signed its certificate.</param>
    /// <param name="clients">Whose clients it takes.</param>
    /// <param name="versions">What it speaks.</param>
    public static Task<SharedDaemon> StartAsync(
        TestAuthority own, TestAuthority clients, SslProtocols versions = SslProtocols.None) =>
        StartAsync(listen => listen.UseHttps(own.Server, https =>
        {
            https.SslProtocols = versions;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => clients.Vouches(certificate);
        }));

    /// <summary>One without TLS.</summary>
    public static Task<SharedDaemon> StartPlainAsync() => StartAsync(_ => { });

    private static async Task<SharedDaemon> StartAsync(Action<ListenOptions> secure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            secure(listen);
        }));
        var daemon = new SharedDaemon(builder.Build());
        await daemon.app.StartAsync();
        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        now.Cancel();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
