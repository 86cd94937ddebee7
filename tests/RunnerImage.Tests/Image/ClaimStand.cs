using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace RunnerImage.Tests.Image;

/// <summary>
/// The controller's endpoint for claims, over TLS on loopback, as docs/claim-protocol.md says. It has nothing else.
/// </summary>
internal sealed class ClaimStand : IAsyncDisposable
{
    private readonly WebApplication endpoint;
    private readonly ConcurrentBag<string> others = [];

    private ClaimStand(WebApplication endpoint, string certificate) =>
        (this.endpoint, Certificate) = (endpoint, certificate);

    /// <summary>What a pod is told to trust.</summary>
    public string Certificate { get; }

    public string Url => endpoint.Urls.Single() + "/claims";

    /// <summary>The tokens that claims came with.</summary>
    public List<string> Tokens { get; } = [];

    /// <summary>How many claims were given back.</summary>
    public int GivenBack { get; private set; }

    /// <param name="grant">Whether a claim is granted, or held without end.</param>
    public static async Task<ClaimStand> OpenAsync(bool grant)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(server =>
            server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var stand = new ClaimStand(builder.Build(), certificate.ExportCertificatePem());
        stand.endpoint.MapPost("/claims", (HttpContext context) => stand.AnswerAsync(context, grant));
        stand.endpoint.MapDelete("/claims", () =>
        {
            stand.GivenBack++;
            return Results.NoContent();
        });
        stand.endpoint.MapFallback(context =>
        {
            stand.others.Add(context.Request.Headers.Authorization.ToString());
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await stand.endpoint.StartAsync();
        return stand;
    }

    /// <summary>Whether something else than a claim was asked for, with this authorisation.</summary>
    public bool Asked(string authorization) => others.Contains(authorization);

    public ValueTask DisposeAsync() => endpoint.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, bool grant)
    {
        lock (Tokens)
            Tokens.Add(context.Request.Headers.Authorization.ToString());
        if (!grant)
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        var files = new Dictionary<string, string> { [".runner"] = Encode("{}"), [".credentials"] = Encode("{}") };
        var identity = new
        {
            runnerName = "linux-7-1a2b3c4d",
            jitConfig = Encode(JsonSerializer.Serialize(files)),
        };
        await context.Response.WriteAsJsonAsync(identity);
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
