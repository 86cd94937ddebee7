using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RunnerImage.Tests.Images;

/// <summary>A server of one file, with TLS and without; what it signs with, it has made itself.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly X509Certificate2 certificate = Certificate();
    private WebApplication app = null!;

    /// <summary>The address without TLS.</summary>
    public string Plain => app.Urls.Single(u => u.StartsWith("http:", StringComparison.Ordinal));

    /// <summary>The address with TLS.</summary>
    public string Secure => app.Urls.Single(u => u.StartsWith("https:", StringComparison.Ordinal));

    /// <summary>The certificate that has to be trusted for it.</summary>
    public string Pem => certificate.ExportCertificatePem();

    /// <summary>The credentials of the last request.</summary>
    public string Authorization { get; private set; } = "";

    public static async Task<FileServer> StartAsync(string path)
    {
        var server = new FileServer();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server.certificate));
        });
        server.app = builder.Build();
        server.app.MapGet("/files.tgz", http =>
        {
            server.Authorization = http.Request.Headers.Authorization.ToString();
            return http.Response.SendFileAsync(path);
        });
        server.app.MapGet("/moved", () => Results.Redirect("/files.tgz"));
        server.app.MapGet("/loop", () => Results.Redirect("/loop"));
        server.app.MapGet("/down", () => Results.Redirect($"{server.Plain}/files.tgz"));
        server.app.MapGet("/up", () => Results.Redirect($"{server.Secure}/files.tgz"));
        server.app.MapGet("/lost", () => Results.Text("no such \u001b[31mfile\n", statusCode: 404));
        server.app.MapGet("/short", async http =>
        {
            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync("short");
        });
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=files", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
