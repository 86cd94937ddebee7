using System.Net;
using System.Threading.Channels;
using RunnerScaler.Sandbox.Cluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>
/// A controller's claims endpoint whose answers are written down beforehand; then it answers 204 without end.
/// </summary>
internal sealed class ScriptedClaimsEndpoint : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly SelfMadeCertificates certificates;
    private readonly Channel<Func<HttpResponse, Task>> answers = Channel.CreateUnbounded<Func<HttpResponse, Task>>();
    private readonly Channel<string> tokens = Channel.CreateUnbounded<string>();

    private ScriptedClaimsEndpoint(WebApplication app, SelfMadeCertificates certificates) =>
        (this.app, this.certificates) = (app, certificates);

    public Uri Url => new(new Uri(app.Urls.Single()), "/claims");

    public string AuthorityPem => certificates.AuthorityPem;

    /// <summary>The bearer token of the next claim.</summary>
    public Task<string> NextTokenAsync() =>
        tokens.Reader.ReadAsync(TestCluster.Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(120));

    /// <param name="address">Where it listens; on loopback if that is null.</param>
    public static async Task<ScriptedClaimsEndpoint> OpenAsync(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        var certificates = SelfMadeCertificates.Create(TimeProvider.System.GetUtcNow(), $"{address}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(address, 0, listen => listen.UseHttps(certificates.Server)));
        var app = builder.Build();
        var endpoint = new ScriptedClaimsEndpoint(app, certificates);
        app.MapPost("/claims", endpoint.AnswerAsync);
        await app.StartAsync();
        return endpoint;
    }

    public ScriptedClaimsEndpoint Then(int code, int? retryAfter = null)
    {
        answers.Writer.TryWrite(response =>
        {
            response.StatusCode = code;
            if (retryAfter is not null)
                response.Headers.RetryAfter = $"{retryAfter}";
            return Task.CompletedTask;
        });
        return this;
    }

    public ScriptedClaimsEndpoint ThenGrant(string jitConfig)
    {
        answers.Writer.TryWrite(response =>
            response.WriteAsJsonAsync(new { runnerName = "linux-7-1a2b3c4d", jitConfig }));
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        certificates.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        tokens.Writer.TryWrite(http.Request.Headers.Authorization.ToString()["Bearer ".Length..]);
        if (answers.Reader.TryRead(out var answer))
            await answer(http.Response);
        else
            http.Response.StatusCode = 204;
    }
}
