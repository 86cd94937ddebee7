using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// A <see cref="KubeApi"/> on a free loopback port, over TLS (HTTP/1.1 and HTTP/2) with a certificate of its own.
/// </summary>
internal sealed class KubeApiHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly SelfMadeCertificates certificates;

    private KubeApiHost(WebApplication app, SelfMadeCertificates certificates, KubeApi api)
    {
        this.app = app;
        this.certificates = certificates;
        Api = api;
        Address = new Uri(app.Urls.Single());
    }

    public KubeApi Api { get; }

    public Uri Address { get; }

    /// <summary>The certificate authority that clients must trust.</summary>
    public string AuthorityPem => certificates.AuthorityPem;

    /// <param name="now">The wall clock, for the certificate's validity.</param>
    public static async Task<KubeApiHost> StartAsync(KubeApi api, DateTimeOffset now)
    {
        var certificates = SelfMadeCertificates.Create(now);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificates.Server);
            });
        });
        var app = builder.Build();
        app.MapKubeApi(api);
        await app.StartAsync();
        return new KubeApiHost(app, certificates, api);
    }

    /// <summary>Writes a kubeconfig for a new user, whose name tells its requests apart in the counts.</summary>
    public void WriteKubeConfig(string path, string user, string ns = "default") =>
        KubeConfigFile.Write(path, Address, Api.Users.Issue(user, "system:masters"), AuthorityPem, ns);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        certificates.Dispose();
    }
}
